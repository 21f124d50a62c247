"""Tables of URLs: which delimiter, which column, and what becomes of rows that are not as the others."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workers.errors import UserError
from workers.sources.bounds import MOST_COLUMNS
from workers.sources.lists import read_list
from workers.sources.reading import Reading
from workers.sources.source import Item, ListedUrl, Note, Refusal

U1, U2, U3 = (f"https://a.test/{number}" for number in (1, 2, 3))


def read(folder: Path, content: str | bytes, name: str = "a.csv", **options: str | bool) -> list[Item]:
    """Return the items of a table; places are line numbers alone."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    items = read_list(path, Reading.of(**options))  # type: ignore[arg-type]
    return [
        Note(item.text.removeprefix(f"{path} "))
        if isinstance(item, Note)
        else item._replace(place=item.place.removeprefix(f"{path}:"))  # type: ignore[union-attr]
        for item in items
    ]


def urls(items: list[Item]) -> list[str]:
    return [item.url for item in items if isinstance(item, ListedUrl)]


def test_the_other_columns_are_the_source(tmp_path: Path) -> None:
    assert read(tmp_path, f'title,URL\n"Two\nlines",{U1}\nÜ,{U2}\n') == [
        ListedUrl("2", U1, {"title": "Two\nlines"}),
        ListedUrl("4", U2, {"title": "Ü"}),
    ]


# Delimiters.


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.tab", "a.txt"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_may_have_any_delimiter_that_programs_write(
    tmp_path: Path, name: str, delimiter: str
) -> None:
    content = f"\ufeffurl{delimiter}n\n{U1}{delimiter}7\n"
    assert read(tmp_path, content, name) == [ListedUrl("2", U1, {"n": "7"})]


@pytest.mark.parametrize("given", ["^", "tab", r"\t", " ", "space", "Pipe", "ü"])
def test_a_delimiter_may_be_named(tmp_path: Path, given: str) -> None:
    delimiter = {"tab": "\t", r"\t": "\t", "space": " ", "Pipe": "|"}.get(given, given)
    assert read(tmp_path, f"n{delimiter}url\n1{delimiter}{U1}\n", delimiter=given) == [
        ListedUrl("2", U1, {"n": "1"})
    ]


@pytest.mark.parametrize("given", ["", "ab", '"', "\n", "tabs"])
def test_what_is_no_delimiter_is_an_error(given: str) -> None:
    with pytest.raises(UserError, match="--delimiter needs one character"):
        Reading.of(delimiter=given)


@pytest.mark.parametrize(
    ("content", "extras"),
    [
        (f'"title, long; or not";"url"\nx, y;{U1}\n', {"title, long; or not": "x, y"}),
        (f"sep=;\ntitle;url\nx, y;{U1}\n", {"title": "x, y"}),
        (f'"sep=|"\ntitle|url\nx, y|{U1}\n', {"title": "x, y"}),
        (f"title;url\na, b, c;{U1}\n", {"title": "a, b, c"}),
        (f'title, url\n"a, b", "{U1}"\n', {"title": "a, b"}),
    ],
)
def test_a_delimiter_in_a_cell_is_told_from_the_one_between_cells(
    tmp_path: Path, content: str, extras: dict[str, str]
) -> None:
    (item,) = read(tmp_path, content)
    assert (item.url, item.extras) == (U1, extras)  # type: ignore[union-attr]


def test_urls_with_commas_are_no_tables(tmp_path: Path) -> None:
    with_commas = ["https://a.test/0,1518,42,00.html", "https://a.test/0,1518,43,00.html"]
    assert urls(read(tmp_path, "\n".join(with_commas))) == with_commas
    assert urls(read(tmp_path, "\n".join(["url", *with_commas]))) == with_commas
    assert urls(read(tmp_path, "\n".join([U1, *with_commas]))) == [U1, *with_commas]


# Columns.


@pytest.mark.parametrize("header", ["url", "URL", "Url", " url ", '"url"', "link", "Link", "href"])
def test_the_column_with_the_url_has_one_of_a_few_names(tmp_path: Path, header: str) -> None:
    assert read(tmp_path, f"n,{header}\n7,{U1}\n") == [ListedUrl("2", U1, {"n": "7"})]


def test_url_goes_before_link_and_a_column_that_is_named_before_both(tmp_path: Path) -> None:
    table = f"link,url,Third One\n{U2},{U1},{U3}\n"
    assert urls(read(tmp_path, table)) == [U1]
    assert urls(read(tmp_path, table, column="link")) == [U2]
    assert urls(read(tmp_path, table, column=" third one ")) == [U3]


def test_a_column_by_its_number_is_of_a_table_without_a_header(tmp_path: Path) -> None:
    assert read(tmp_path, f"x,{U1},y\nz,{U2}\n", column="2") == [
        ListedUrl("1", U1, {"column_1": "x", "column_3": "y"}),
        ListedUrl("2", U2, {"column_1": "z"}),
    ]


def test_a_first_row_with_one_url_is_no_header(tmp_path: Path) -> None:
    assert read(tmp_path, f"x;{U1}\ny;{U2}\n") == [
        Note("has no header. Its URLs are read from column 2."),
        ListedUrl("1", U1, {"column_1": "x"}),
        ListedUrl("2", U2, {"column_1": "y"}),
    ]
    assert read(tmp_path, f"{U1}\n{U2}\n") == [ListedUrl("1", U1, {}), ListedUrl("2", U2, {})]
    assert urls(read(tmp_path, "a.test/1;x\nb.test/2;y\n", assume_https=True)) == [
        "https://a.test/1",
        "https://b.test/2",
    ]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("title,addr\n", {}, "no column url, link, href. Its columns are: title, addr. .*--column NAME"),
        ("title,addr\n", {"column": "adr"}, "no column adr. Its columns are: title, addr"),
        ("title,addr\n", {"column": "3"}, "no column 3, only 2. Its first row is: title, addr"),
        (f"{U1},{U2}\n", {}, r"no header, and URLs in its columns 1 and 2. .*--column 1\."),
        ("", {}, "Its columns are: none"),
        ("\n \n", {}, "Its columns are: none"),
        ("\x1b[31m,x\n", {}, "Its columns are: \x1b"),  # the command line shows it as what it is
        (",".join(f"c{n}" for n in range(30)), {}, r"c19, \.\.\.\. Name"),
        (",".join(["url"] * (MOST_COLUMNS + 1)), {}, "1,001 columns, and at most 1,000 .* --delimiter"),
    ],
)
def test_a_table_without_the_column_says_what_it_has(
    tmp_path: Path, content: str, options: dict[str, str], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        read(tmp_path, content, **options)


@pytest.mark.parametrize("given", ["0", "", " ", "000"])
def test_what_is_no_column_is_an_error(given: str) -> None:
    with pytest.raises(UserError, match=r"--column"):
        Reading.of(column=given)


def test_a_table_may_have_as_many_columns_as_that(tmp_path: Path) -> None:
    header = ",".join(["url", *(f"c{number}" for number in range(1, MOST_COLUMNS))])
    (item,) = read(tmp_path, f"{header}\n{U1},x{',' * 5_000}\n")
    assert len(item.extras) == MOST_COLUMNS - 1  # type: ignore[union-attr]


# Rows.


def test_blank_rows_comments_and_appended_headers_are_no_rows(tmp_path: Path) -> None:
    content = (
        f"# exported today\n\ntitle,url\nx,{U1}\n\n,,\n \n# more, to come\n\ufefftitle,url\n#tag,{U2}\r\n"
    )
    assert read(tmp_path, content) == [
        ListedUrl("4", U1, {"title": "x"}),
        ListedUrl("10", U2, {"title": "#tag"}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_row_that_begins_with_a_tag_is_no_comment(tmp_path: Path, encoding: str) -> None:
    table = f"title,url\n#über,{U1}\n#x, {U2}\n#x,HTTPS://a.test/3\n#x,ftp://a.test/\n#über alles, y\n"
    found = urls(read(tmp_path, table.encode(encoding)))
    assert found == [U1, U2, "HTTPS://a.test/3", "ftp://a.test/"]
    assert urls(read(tmp_path, f"#{U1}\n{U2}\n")) == [U2]


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_a_header_may_begin_as_a_comment_does(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, f"#;url\n1;{U1}\n", name) == [ListedUrl("2", U1, {"#": "1"})]


def test_a_row_with_too_many_or_too_few_cells_stays_if_its_url_is_there(tmp_path: Path) -> None:
    assert read(tmp_path, f"url,n\n{U1},7,8,9\n{U2}\n") == [
        ListedUrl("2", U1, {"n": "7"}),
        ListedUrl("3", U2, {}),
    ]


def test_a_url_that_a_delimiter_without_quotes_has_moved_is_found(tmp_path: Path) -> None:
    assert read(tmp_path, f"title,url\nA, or B,{U1}\nA,{U2},{U3}\n") == [
        ListedUrl("2", U1, {}),
        ListedUrl("3", U2, {"title": "A"}),
    ]


def test_a_row_without_a_url_is_refused_with_what_it_has(tmp_path: Path) -> None:
    assert read(tmp_path, "title,url\nx\ny, \n") == [
        Refusal("2", "has no URL", "x"),
        Refusal("3", "has no URL", "y,"),
    ]


def test_nul_is_an_ordinary_character(tmp_path: Path) -> None:
    assert read(tmp_path, f"a\0b,url\nx\0,{U1}\n") == [ListedUrl("2", U1, {"a\0b": "x\0"})]


# Quotes.


def test_a_quote_that_is_never_closed_costs_no_other_row(tmp_path: Path) -> None:
    rows = [f"t,https://a.test/{number}" for number in range(2_000)]
    rows[7] = '"never closed,https://a.test/7'
    rows[1_000] = '"closed, though",https://a.test/1000'
    found = read(tmp_path, "\n".join(["title,url", *rows]))
    assert urls(found) == [f"https://a.test/{number}" for number in range(2_000)]
    assert found[1_000].extras == {"title": "closed, though"}  # type: ignore[union-attr]
    assert [item.place for item in found] == [str(number) for number in range(2, 2_002)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (f'"He said ""no""",{U1}', 'He said "no"'),
        (f'5" disk,{U1}', '5" disk'),
        (f'"He said "no" twice",{U1}', 'He said no" twice"'),
        (f'"no end,{U1}', "no end"),
    ],
)
def test_quotes_within_a_cell_do_no_harm(tmp_path: Path, row: str, title: str) -> None:
    assert read(tmp_path, f"title,url\n{row}\nx,{U2}\n") == [
        ListedUrl("2", U1, {"title": title}),
        ListedUrl("3", U2, {"title": "x"}),
    ]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff\ufffd"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_what_python_writes_is_read_back(
    tmp_path: Path, rows: list[tuple[str, str]], delimiter: str, end: str, encoding: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["before", "url", "after"])
    for number, (before, after) in enumerate(rows):
        writer.writerow([before, f"https://a.test/{number}", after])
    found = read(tmp_path, file.getvalue().encode(encoding))
    assert [(item.url, item.extras) for item in found] == [  # type: ignore[union-attr]
        (f"https://a.test/{number}", {"before": before, "after": after})
        for number, (before, after) in enumerate(rows)
    ]
