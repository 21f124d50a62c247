"""Reading what a script assigns, where that is data: a literal of JavaScript, or a function that only returns one.

Nuxt 2 writes `(function(a,b){a.x=1;return {...}}(null,"x"))`, serialize-javascript `{"a":undefined,"b":new Date("...")}`.
Nothing is run: what is no literal raises ValueError.
"""

import re
import sys
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

#: Nested values that are read, as many as a JSON parser reads by far: real data has some 30.
_DEEPEST = 150
#: Tokens read of one script; on 57 pages of news the largest that is no JSON has 92,000.
MOST_TOKENS = 400_000

_TOKEN = re.compile(
    r"\s*+(?:(?P<string>\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\$]|\\.)*+`)"
    r"|(?P<number>(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+(?![\w$]))"
    r"|(?P<word>[^\W\d][\w$]*+|\$[\w$]*+)|(?P<sign>=>|[]{}()[,:;=.!+-]))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_WORDS: Mapping[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
    "NaN": None,
    "Infinity": None,
}
_MAKERS = frozenset(("new", "Array", "Object", "Date", "Map", "Set"))


def read_value(code: str, at: int) -> tuple[Any, int]:
    """Return the literal in `code` that begins at `at`, and where it ends; ValueError for anything else."""
    reader = _Reader(code, at)
    try:
        return reader.value(0), reader.at
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def unescaped(text: str) -> str:
    """Return the text of a string without its quotes."""
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return _ESCAPED.get(match[4], match[4])
    return chr(number) if (number := int(code, 16)) <= sys.maxunicode else "\ufffd"


class _Reader:
    """Reads values one after the other. `names` has the parameters of the functions around."""

    def __init__(self, code: str, at: int) -> None:
        self.code, self.at, self.left = code, at, MOST_TOKENS
        self.names: dict[str, Any] = {}

    def next(self) -> re.Match[str]:
        found = _TOKEN.match(self.code, self.at)
        self.left -= 1
        if found is None or self.left < 0:
            raise ValueError("no literal")
        self.at = found.end()
        return found

    def peek(self) -> str:
        """Return the next token, '' where there is none."""
        found = _TOKEN.match(self.code, self.at)
        return found[0].lstrip() if found else ""

    def take(self, *tokens: str) -> None:
        for token in tokens:
            if self.next()[0].lstrip() != token:
                raise ValueError(f"no {token}")

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        token = self.next()
        if token["string"]:
            return unescaped(token["string"][1:-1])
        if token["number"]:
            return float(token["number"]) if set(token["number"]) & set(".eE") else int(token["number"][:400])
        if token["word"]:
            return self.word(token["word"], depth)
        return self.of_sign(token["sign"], depth)

    def of_sign(self, sign: str, depth: int) -> Any:
        """Return the value that begins with a sign."""
        match sign:
            case "{":
                return self.object(depth)
            case "[":
                return self.array("]", depth)
            case "(":
                return self.in_brackets(depth)
            case "!":
                return not self.value(depth + 1)
            case "-" | "+":  # no number below zero is of use here
                self.value(depth + 1)
                return None
        raise ValueError("no literal")

    def object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            token = self.next()
            if token["sign"] == "}":
                return found
            if token["sign"] == ",":
                continue
            key = unescaped(token["string"][1:-1]) if token["string"] else token["word"] or token["number"]
            if key is None:
                raise ValueError("no key")
            if self.peek() in {",", "}"}:
                found[key] = self.names.get(key)
                continue
            self.take(":")
            found[key] = self.value(depth + 1)

    def array(self, end: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while True:
            token = self.peek()
            if token in {",", end}:
                self.next()
                if token == end:
                    return found
                continue
            found.append(self.value(depth + 1))

    def word(self, word: str, depth: int) -> Any:
        if word in self.names:
            return self.names[word]
        if word in _WORDS:
            return _WORDS[word]
        if word == "void":
            self.value(depth + 1)
            return None
        if word == "function":
            return self.call(depth)
        if word in _MAKERS:
            return self.made(word)
        raise ValueError(f"the name {word[:40]}")

    def made(self, word: str) -> Any:
        """Return the first argument of `new Date(...)`, `new Map(...)`, `Object.create(...)` and such."""
        while self.peek() != "(":
            if not self.next()["word"] and self.code[self.at - 1] != ".":
                raise ValueError(f"no call of {word}")
        self.take("(")
        arguments = self.array(")", 1)
        return arguments[0] if arguments else None

    def in_brackets(self, depth: int) -> Any:
        """Return the value of `(function(...){...}(...))`, `(function(...){...})(...)`, `((a)=>({...}))(...)` or `(...)`."""
        if self.peek() == "function" or self._is_arrow():
            if self.peek() == "function":
                self.take("function")
            return self.call(depth, bracketed=True)
        value = self.value(depth + 1)
        self.take(")")
        return value

    def _is_arrow(self) -> bool:
        before = self.at  # the tokens count twice: else brackets in brackets would take quadratic time
        try:
            self.skip("(", ")")
            return self.peek() == "=>"
        except ValueError:
            return False
        finally:
            self.at = before

    def skip(self, opening: str, closing: str) -> None:
        """Go behind the bracket that closes the one which comes next."""
        self.take(opening)
        open_ = 1
        while open_:
            sign = self.next()["sign"]
            open_ += (sign == opening) - (sign == closing)

    def call(self, depth: int, *, bracketed: bool = False) -> Any:
        """Return what a function returns that is called where it stands; its arguments are behind its body.

        `bracketed` after an opening bracket, which is closed before the arguments or behind them.
        """
        parameters = self._parameters()
        if self.peek() == "=>":
            self.take("=>")
        opening, closing = ("{", "}") if self.peek() == "{" else ("(", ")")
        start = self.at
        self.skip(opening, closing)
        closed = bracketed and self.peek() == ")"
        if closed:
            self.take(")")
        self.take("(")
        arguments = self.array(")", depth + 1)
        if bracketed and not closed:
            self.take(")")
        after = self.at
        if not self.names.keys().isdisjoint(parameters):
            raise ValueError("a function in a function")
        self.names.update(zip_longest(parameters, arguments[: len(parameters)]))
        self.at = start
        value = self._returned(depth) if opening == "{" else self.value(depth + 1)
        self.at = after
        return value

    def _parameters(self) -> list[str]:
        self.take("(")
        found: list[str] = []
        while (token := self.next())["sign"] != ")":
            if token["word"]:
                found.append(token["word"])
            elif token["sign"] != ",":
                raise ValueError("no parameter")
        return found

    def _returned(self, depth: int) -> Any:
        """Read the body of a function: assignments to what its parameters hold, and what it returns."""
        self.take("{")
        while (token := self.next())["word"] != "return":
            if token["sign"] == ";":
                continue
            target = self.names.get(token["word"] or "")
            self._assign(target, depth)
        return self.value(depth + 1)

    def _assign(self, target: Any, depth: int) -> None:
        key: Any = None
        while (sign := self.next()["sign"]) != "=":
            if key is not None:
                target = target.get(key) if isinstance(target, dict) else None
            if sign == ".":
                key = self.next()["word"]
            elif sign == "[":
                key = self.value(depth + 1)
                self.take("]")
            if sign not in {".", "["} or key is None:
                raise ValueError("no assignment")
        value = self.value(depth + 1)
        if isinstance(target, dict):
            target[str(key)] = value
        elif isinstance(target, list) and isinstance(key, int) and 0 <= key <= len(target):
            target[key : key + 1] = [value]
