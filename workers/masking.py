"""Passwords in text that people see: `***` in their place."""

import re
from urllib.parse import unquote

#: The schemes of addresses that newsmill connects to.
_OURS = r"(?:redis|rediss|unix|redis\+socket|sentinels?|postgres(?:ql)?(?:\+\w+)?)"
#: From a user's colon to the last @. In an address of newsmill's own, all of the line: a password that was not percent-encoded
#: may have any character in it.
_OUR_PASSWORD = re.compile(rf"(\b{_OURS}://[^:@\n]*:).*(?=@)", re.IGNORECASE)
_PASSWORD = re.compile(r"(://[^\s:/@?#]*:)[^\s/?#]*(?=@)")
#: What stands alone before the @ of a Redis is rather a password than a user.
_ALONE = re.compile(r"(\b(?:redis|rediss|unix|sentinels?)://)[^\s:/@?#]+(?=@)", re.IGNORECASE)
#: A parameter of a URL, up to the next one; in a text it ends where the word does, or the quotes.
_PARAMETER = re.compile(r"(?<![\w%.+-])([\w%.+-]+)=([^&;]*)")
_PARAMETER_IN_TEXT = re.compile(r"(?<![\w%.+-])([\w%.+-]+)=('(?:\\.|[^'\\])*'|[^\s&;]*)")
#: What a parameter's name has in it, percent-decoded, if its value is secret. `passfile` is the name of a file.
_SECRET = re.compile(r"pass(?!file)|pwd|secret", re.IGNORECASE)


_WORD = re.compile(r"\S+")


def masked(url: str) -> str:
    """Return the URL, however it is written, with `***` in place of each password. Takes linear time, as `masked_in` does."""
    # Each pattern needs an @ behind it. Where none follows, looking for it from every beginning would take quadratic time.
    before, at, rest = url.rpartition("@")
    before += at
    for pattern in (_OUR_PASSWORD, _PASSWORD, _ALONE):
        before = pattern.sub(r"\1***", before)
    return _PARAMETER.sub(_parameter, before + rest)


def masked_in(text: str) -> str:
    """Return a text with the passwords masked of the URLs, and of the connection strings, that are in it."""
    if "://" in text:
        text = _WORD.sub(lambda word: masked(word[0]) if "://" in word[0] else word[0], text)
    return _PARAMETER_IN_TEXT.sub(_parameter, text)


def _parameter(found: re.Match[str]) -> str:
    return f"{found[1]}=***" if _SECRET.search(unquote(found[1])) else found[0]
