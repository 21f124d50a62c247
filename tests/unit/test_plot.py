"""Drawing the dashboards from a Prometheus: what is asked, what is drawn, what is called empty."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("matplotlib", reason="a development dependency")

from monitoring.plot import FOLDER, Source, main, panels

PANEL = {"targets": [{"expr": "rate(a[$__rate_interval])", "legendFormat": "{{queue}} of {{nobody}}"}]}


@contextmanager
def prometheus(answer: Any) -> Iterator[tuple[str, list[str]]]:
    """Serve `answer(path, query)` as Prometheus would; its address, and the queries that came."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)["query"][0]
            asked.append(query)
            body = json.dumps(answer(urlsplit(self.path).path, query)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def result(path: str, *values: str) -> dict[str, Any]:
    points: dict[str, Any] = {"values": [[at, value] for at, value in enumerate(values)]}
    if path.endswith("/query"):
        points = {"value": [0, values[-1]]}
    return {"status": "success", "data": {"result": [{"metric": {"queue": "fetch"}, **points}]}}


def test_a_series_has_its_legend_and_the_points_that_are_numbers() -> None:
    with prometheus(lambda path, _: result(path, "NaN", "1.5", "+Inf", "2")) as (url, asked):
        (series,) = Source(url, 0, 60).series(PANEL)
    assert series.legend == "fetch of "
    assert series.points == ((1, 1.5), (3, 2.0))
    assert asked == ["rate(a[20s])"]


def test_a_series_without_a_number_is_none() -> None:
    with prometheus(lambda path, _: result(path, "NaN", "NaN")) as (url, _):
        assert Source(url, 0, 60).series(PANEL) == []


def test_a_query_that_prometheus_refuses_is_an_error_in_its_words() -> None:
    with (
        prometheus(lambda *_: {"status": "error", "error": "parse error"}) as (url, _),
        pytest.raises(RuntimeError, match="parse error"),
    ):
        Source(url, 0, 60).series(PANEL)


def test_every_query_is_drawn_and_the_panels_that_came_out_empty_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(path: str, query: str) -> dict[str, Any]:
        nothing = {"status": "success", "data": {"result": []}}
        return nothing if "newsmill_store_bytes" in query else result(path, "1", "2")

    with prometheus(answer) as (url, asked):
        assert main(["--prometheus", url, "--out", str(tmp_path / "new")]) == 1
    assert capsys.readouterr().out == "empty: How large is the store?\n"
    drawn = {file.stem: file.read_bytes()[:4] for file in (tmp_path / "new").iterdir()}
    assert drawn == {"pipeline": b"\x89PNG", "workers": b"\x89PNG"}
    dashboards = [json.loads(file.read_text("utf-8")) for file in FOLDER.glob("*.json")]
    assert len(asked) == sum(len(panel["targets"]) for one in dashboards for panel in panels(one))
    assert not [query for query in asked if "$" in query]
