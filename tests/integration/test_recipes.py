"""docs/recipes.md as it stands, on reading what was enriched: each block is run where a run has ended, and does what it says.

The recipes for keeping newsmill going are tested in test_recipes_cron.py, test_recipes_upkeep.py and test_wheel.py.
"""

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import matplotlib.image
import pytest

from tests.integration.readers import NEWS, PAGE, RECIPES, Block, Reader
from workers.local.redis_server import free_port

pytestmark = pytest.mark.timeout(300)


def test_the_page_has_the_recipes_that_are_tried_here() -> None:
    assert {heading: [block.language for block in blocks] for heading, blocks in RECIPES.items()} == {
        "pandas: languages over time": ["sh", "python"],
        "DuckDB: topics by language": ["sh", "python"],
        "datasette: read the articles in a browser": ["sh", "sh"],
        "cron: a list every day": ["sh", "crontab"],
        "A list of two million lines": ["sh", "sh"],
        "Install the wheel with pipx": ["sh"],  # test_wheel.py
        "Upgrade, and go back": ["sh", "sql", "sql"],
        "Where the data is, and how to delete it": ["python"],
        "Take an article down": ["sh", "sql"],
    }


def test_the_contents_lead_to_the_recipes() -> None:
    contents = re.findall(r"^- \[(.+)\]\(#(.+)\)$", PAGE, re.MULTILINE)
    assert [heading for heading, _ in contents] == list(RECIPES)
    for heading, anchor in contents:
        assert anchor == re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


@pytest.mark.parametrize("heading", ["pandas: languages over time", "DuckDB: topics by language"])
def test_a_recipe_has_at_most_four_lines_of_python(heading: str) -> None:
    (block,) = (one for one in RECIPES[heading] if one.language == "python")
    lines = [
        line for line in block.text.splitlines() if line and not line.startswith(("import", "    ", ")"))
    ]
    assert len(lines) <= 4


def test_pandas_plots_the_languages_over_time(demo: Reader) -> None:
    for block in RECIPES["pandas: languages over time"]:
        demo.run(block)
    picture = matplotlib.image.imread(demo.folder / "languages.png")
    height, width, _ = picture.shape
    assert width > height > 400
    # The demo has 13 languages; each has a colour of its own, and some of them many articles.
    colours = {tuple(one) for one in picture.reshape(-1, picture.shape[2])[::7].round(2).tolist()}
    assert len(colours) >= 13


def test_duckdb_counts_topics_by_language(demo: Reader) -> None:
    export, program = RECIPES["DuckDB: topics by language"]
    demo.run(export)
    table = demo.run(program)
    assert re.search(r"│ economy, business and finance +│ en +│ +[2-9] │", table)
    demo.run(RECIPES["pandas: languages over time"][0])
    (other,) = re.findall(r"as well: `(.+)`\.", PAGE)
    counted = demo.run(Block("python", f"import duckdb\nprint(len({other}))"))
    assert int(counted) == len(demo.sh("newsmill export --outcome enriched").splitlines())


# datasette


@contextmanager
def datasette(reader: Reader) -> Iterator[str]:
    """Run the recipe's server on a free port; yield the address of its page for the same port."""
    line, address = RECIPES["datasette: read the articles in a browser"][0].text, "http://127.0.0.1:8001"
    port = free_port()
    # Its time limits are longer here, since the machine of a test may be busy.
    patient = "--setting sql_time_limit_ms 60000 --setting facet_time_limit_ms 60000"
    command = [*reader.interpreter("sh"), f"exec {line.strip()} --port {port} {patient}"]
    server = subprocess.Popen(command, cwd=reader.folder, env=reader.environment, stderr=subprocess.DEVNULL)
    (page,) = re.findall(rf"{address}(\S+)\.", PAGE)
    try:
        yield f"http://127.0.0.1:{port}{page}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def get(url: str) -> str:
    """Return what a server answers that may just be starting."""
    while True:
        try:
            with urlopen(url, timeout=60) as answer:
                return answer.read().decode()
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)


def test_datasette_shows_the_articles_with_their_languages(demo: Reader) -> None:
    with datasette(demo) as page:
        shown = get(page)
    assert f"{len(demo.sh('newsmill export --outcome enriched').splitlines())} rows" in shown
    assert "Die Orgel der Klosterkirche" in shown
    assert "language=zh-cn" in shown


def test_datasette_answers_with_json(demo: Reader) -> None:
    rows = json.loads(demo.run(RECIPES["datasette: read the articles in a browser"][1]))
    assert {"title": "Die Orgel der Klosterkirche klingt wieder wie 1742", "day": "2024-12-09"} in rows
    assert len(rows) == 5


def test_datasette_is_open_while_a_run_writes(newsroom: Reader) -> None:
    urls = (newsroom.folder / "urls.txt").read_text()
    (newsroom.folder / "more.txt").write_text(urls.replace("http://", "http://again."))
    with datasette(newsroom) as page:
        rows = page.partition("?")[0] + ".json?_shape=array&_col=url"
        assert len(json.loads(get(rows))) == len(NEWS)
        run = subprocess.Popen(["newsmill", "run", "more.txt"], cwd=newsroom.folder, env=newsroom.environment)
        seen = set()
        while run.poll() is None:
            seen.add(len(json.loads(get(rows))))
            time.sleep(0.5)
        assert run.returncode == 0
        assert len(json.loads(get(rows))) == 2 * len(NEWS)
    assert seen
