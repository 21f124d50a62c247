"""Reading the values in scripts: literals of JavaScript, flight rows, and tables whose values refer to each other."""

from typing import Any

import pytest

from tasks.extract.page_data.js_values import read_value
from tasks.extract.page_data.references import entry_of, flight_rows, is_flat, row_of, unflattened
from tasks.extract.page_data.scripts import data_of


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("{a:1,\"b\":undefined,'c':[1,,2,],d:!0,e:void 0,f:.5,}", {"a": 1, "b": None, "c": [1, 2], "d": True, "e": None, "f": 0.5}),
        (r"""'it\'s \x41\u0042\u{1F600}\
!'""", "it's AB\U0001f600!"),
        ('{a:new Date(1e3),b:new Map([["k",1]]),c:Object.create(null)}', {"a": 1000.0, "b": [["k", 1]], "c": None}),
        ("(function(a,b){a.n=b;a.m=[];a.m[0]=1;return {x:a,b}}({},2))", {"x": {"n": 2, "m": [1]}, "b": 2}),
        ("(function(a){return {x:a}})(5)", {"x": 5}),
        ("((a,b)=>({x:a,y:b}))(1)", {"x": 1, "y": None}),
        ("((a)=>{return [a]}(1))", [1]),
        ("`text`", "text"),
        ("(((7)))", 7),
    ],
)  # fmt: skip
def test_a_literal_is_read(code: str, value: Any) -> None:
    assert read_value(code + ";more", 0) == (value, len(code))


@pytest.mark.parametrize(
    "code",
    [
        *(
            "",
            "{",
            "[1",
            "(",
            "{a:b}",
            "{a:1/2}",
            "{a:`${x}`}",
            "f()",
            "(function(){return x})()",
            "function(a){}",
        ),
        *(
            "(function(a){if(a){}return 1}(1))",
            "(function(a){a();return 1}(1))",
            "[" * 1000,
            '{"a' + "\\" * 1001,
        ),
    ],
)
def test_what_is_no_literal_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_value(code, 0)


def test_flight_rows_are_json_or_texts_of_so_many_bytes() -> None:
    data = (
        ':HL["/a.css"]\n1:"$Sx"\n2:I[7,[],"x"]\n1f:T6,\u00e9\u00e9ab3:{"a":"$1f"}\nbroken\n4:{"b":\n5:[1]\n'
    )
    rows = flight_rows(data)
    assert (rows["1f"], rows["3"], rows["5"]) == ("\u00e9\u00e9ab", {"a": "$1f"}, [1])
    assert row_of("$1f", rows) == "\u00e9\u00e9ab"
    assert row_of("$3:a", rows) == "$1f"
    assert row_of("$undefined", rows) is None
    assert row_of("$99", rows) == "$99"


def test_a_table_of_devalue_is_put_together_once() -> None:
    table = [
        ["ShallowReactive", 1],
        {"a": 2, "b": 3, "c": 4, "d": -1},
        [5, 5],
        ["Date", "2025-04-16"],
        {"back": 1},
        "x",
    ]
    assert is_flat(table)
    value = unflattened(table)
    assert (value["a"], value["b"], value["d"]) == (["x", "x"], "2025-04-16", None)
    assert value["c"]["back"] is value


def test_a_table_of_turbo_stream_has_its_keys_in_it_too() -> None:
    assert unflattened([{"_1": 2}, "title", "A story"]) == {"title": "A story"}


def test_a_list_of_objects_is_no_table() -> None:
    assert not is_flat([{"title": "x"}, {"title": "y"}])
    assert not is_flat([])


def test_an_entry_of_a_cache_is_found_by_its_key() -> None:
    caches = [{"A:1": {"x": 1}}]
    assert entry_of({"__ref": "A:1"}, caches) == {"x": 1}
    assert entry_of({"type": "id", "id": "A:1"}, caches) == {"x": 1}
    assert entry_of({"__ref": "A:2"}, caches) == {"__ref": "A:2"}


def test_values_are_found_in_blocks_assignments_calls_and_attributes() -> None:
    filler = "y" * 300
    html = (
        f'<script type="application/json">{{"n":1,"x":"{filler}"}}</script>'
        f'<script type="application/ld+json">{{"n":2,"x":"{filler}"}}</script>'
        f'<script>var a = 1; window["x y"] = {{"n":3,"x":"{filler}"}}; if (a == 1) {{}}</script>'
        f'<script>window.S = JSON.parse(\'{{"n":4,"x":"{filler}"}}\')</script>'
        f'<script>window.C.stream.enqueue(\'{{"n":5,"x":"{filler}"}}\')</script>'
        f'<div data-page="{{&quot;n&quot;:6,&quot;x&quot;:&quot;{filler}&quot;}}"></div>'
        f'<script>lib.x = {{n:7,x:"{filler}"}};window.y={{n:8,x:"{filler}"}}</script>'
        f'<script type="text/template">window.z={{"n":9,"x":"{filler}"}}</script>'
    )
    assert [value["n"] for value in data_of(html).values] == [1, 3, 4, 5, 8, 6]
