"""Lists as they come: what is taken of a table in each encoding, and how fast lists are read.

    python -m benchmarks.system.lists [--rows 50000]

Writes tables whose titles are in one encoding or another, with each delimiter, with a header and without one, and reads
them. Then reads plain lines, JSON Lines and a table, as `newsmill submit` does, without Redis. Prints two tables.
"""

# ruff: noqa: RUF001 - scripts as lists have them

import argparse
import codecs
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.ledger.submit import submission
from workers.sources.extras import kept
from workers.sources.lists import read_list
from workers.sources.source import ListedUrl, Refusal

#: A title in each encoding; the encoding as people name it, and what its text begins with.
TITLES: dict[str, tuple[str, bytes, str]] = {
    "UTF-8": ("utf-8", b"", "Höchststand: Ærø, Łódź, Ελλάδα, 今日の天気"),
    "UTF-8 with a byte order mark": ("utf-8", codecs.BOM_UTF8, "Höchststand: Ærø, Łódź, Ελλάδα"),
    "UTF-16, little-endian": ("utf-16-le", codecs.BOM_UTF16_LE, "Höchststand: Łódź, 今日の天気"),
    "UTF-16, big-endian": ("utf-16-be", codecs.BOM_UTF16_BE, "Höchststand: Łódź, 今日の天気"),
    "UTF-16 without a mark": ("utf-16-le", b"", "Höchststand: Łódź, 今日の天気"),
    "Latin-1": ("latin-1", b"", "Zürich schließt die Brücke über die Limmat"),
    "windows-1252": ("cp1252", b"", "Zürich schließt „die Brücke“ – für 5 €"),
    "windows-1251": ("cp1251", b"", "Совет проголосовал за строительство новой набережной"),
    "Shift-JIS": ("cp932", b"", "市議会は堤防のかさ上げを可決した、来年度から工事"),
    "GB 18030": ("gb18030", b"", "市议会投票决定加高河堤，工程明年开始"),
    "Big5": ("big5", b"", "市議會投票決定加高河堤，工程明年開始"),
    "EUC-KR": ("cp949", b"", "시의회는 강둑을 높이기로 의결했다 공사는 내년에 시작된다"),
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(slots=True)
class Taken:
    """What became of the rows of a table."""

    rows: int = 0
    taken: int = 0
    refused: int = 0
    right: int = 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    rows = parser.parse_args().rows
    print("| titles in | rows taken | refused | titles as they were |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="newsmill-bench-") as folder:
        for name in TITLES:
            found = [
                table(Path(folder) / "a.csv", name, delimiter, rows, header=header)
                for delimiter in DELIMITERS
                for header in (True, False)
            ]
            taken, refused, right = (
                _range([getattr(one, what) for one in found]) for what in ("taken", "refused", "right")
            )
            print(f"| {name} | {taken} | {refused} | {right} |")
        print("\nmicroseconds of CPU a line, read and made a submission:")
        for kind, seconds in speed(Path(folder), rows):
            print(f"  {kind:<24} {seconds * 1e6:6.1f}")


def table(path: Path, name: str, delimiter: str, rows: int, *, header: bool) -> Taken:
    """Write and read a table whose every fourth title is not in ASCII."""
    codec, mark, title = TITLES[name]
    title = title.replace(delimiter, " ")
    lines = [delimiter.join(("title", "url", "section")) + "\n"] if header else []
    for number in range(rows):
        shown = "Rain tomorrow" if number % 4 else title
        lines.append(delimiter.join((shown, f"https://example.com/{number}", "politics")) + "\n")
    path.write_bytes(mark + "".join(lines).encode(codec))
    result, key = Taken(rows), "title" if header else "column_1"
    for item in read_list(path):
        if isinstance(item, ListedUrl):
            number = result.taken
            result.taken += 1
            result.right += item.extras[key] == ("Rain tomorrow" if number % 4 else title)
        elif isinstance(item, Refusal):
            result.refused += 1
    return result


def speed(folder: Path, rows: int) -> Iterator[tuple[str, float]]:
    """Yield the kind of a list, and the seconds of CPU that a line of it takes."""
    url = "https://news-site-{0}.example/2024/05/{0}-some-headline-of-an-article-here.html"
    kinds = {
        "plain.txt": ("", "{}"),
        "table.csv": ("url,title\n", "{},A headline"),
        "quoted.csv": ("url,title\n", '{},"A headline, and more"'),
        "objects.jsonl": ("", '{{"url": "{}", "title": "A headline, and more"}}'),
    }
    for name, (header, line) in kinds.items():
        path = folder / name
        path.write_text(header + "".join(f"{line.format(url.format(n))}\n" for n in range(rows)))
        began, count = time.process_time(), 0
        for item in read_list(path):
            assert isinstance(item, ListedUrl)
            submission(item.url, kept(item.extras) if item.extras else None)
            count += 1
        yield name, (time.process_time() - began) / count


def _range(counts: list[int]) -> str:
    least, most = min(counts), max(counts)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


if __name__ == "__main__":
    main()
