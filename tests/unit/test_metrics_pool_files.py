"""The files of a pool: keyed by slot, added up, gone with the process that made them."""

import os
import subprocess
import sys
from pathlib import Path

from monitoring.exporter import worker_registry
from monitoring.labels import OTHER
from monitoring.metrics import TOPICS
from monitoring.pool import Pool
from monitoring.pool_files import own_directory, seen_labels

#: What a child of a pool does, from the start of its process: counts articles and new topics, so many of each.
CHILD = """
import os, sys
from pathlib import Path
from monitoring.compat import share_by_slot
from monitoring.metrics import Meter
from monitoring.pool_files import seen_labels
directory, slot, articles, topics = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
share_by_slot(directory, lambda: slot)
meter = Meter(seen=seen_labels(directory))
for number in range(articles):
    meter.settled("enriched", None, age=number)
    meter.stage("fetch", 0.2)
for number in range(topics):
    meter.enriched("en", f"{os.getpid()}-{number}")
"""


def run_child(slot: int, directory: Path, articles: int, topics: int = 0) -> None:
    numbers = map(str, (slot, articles, topics))
    subprocess.run([sys.executable, "-c", CHILD, str(directory), *numbers], check=True, timeout=30)


def value(directory: Path, name: str, **labels: str) -> float:
    pool = Pool("enrich", size=lambda: 2, busy=lambda: 0, pids=list)
    return worker_registry(directory, pool).get_sample_value(f"newsmill_{name}", labels) or 0


def test_the_counts_of_all_slots_are_added_and_children_go_on_where_the_last_one_was(tmp_path: Path) -> None:
    for _ in range(3):
        run_child(0, tmp_path, 3)
        run_child(1, tmp_path, 4)
    assert value(tmp_path, "articles_total", outcome="enriched", reason="") == 21
    assert value(tmp_path, "stage_seconds_count", stage="fetch") == 21
    assert value(tmp_path, "stage_seconds_bucket", stage="fetch", le="0.25") == 21
    assert value(tmp_path, "stage_seconds_bucket", stage="fetch", le="0.1") == 0


def test_there_is_one_file_a_type_and_slot_however_many_children(tmp_path: Path) -> None:
    for _ in range(4):
        run_child(0, tmp_path, 1)
        run_child(1, tmp_path, 1)
    assert {file.name for file in tmp_path.iterdir()} == {
        f"{kind}_{slot}.db" for kind in ("counter", "histogram") for slot in "01"
    }


def test_a_file_that_a_child_is_making_at_this_moment_is_left_out(tmp_path: Path) -> None:
    run_child(0, tmp_path, 3)
    (tmp_path / "counter_1.db").touch()
    assert seen_labels(tmp_path)["outcome"] == {"enriched"}
    assert value(tmp_path, "articles_total", outcome="enriched", reason="") == 3


def test_children_in_turn_open_no_more_topics_than_one_may(tmp_path: Path) -> None:
    for _ in range(3):
        run_child(0, tmp_path, 0, topics=TOPICS - 10)
    topics = seen_labels(tmp_path)["topic"]
    assert len(topics - {OTHER}) == TOPICS
    assert value(tmp_path, "topics_total", topic=OTHER) == 3 * (TOPICS - 10) - TOPICS


def test_a_directory_has_its_process_in_its_name_and_goes_with_it(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from monitoring.pool_files import own_directory
directory = own_directory(Path({str(tmp_path)!r}))
(directory / "counter_0.db").touch()
print(directory, directory.is_dir())
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split()[1] == "True"
    assert list(tmp_path.iterdir()) == []


def test_a_forked_child_that_exits_leaves_the_directory_alone(tmp_path: Path) -> None:
    script = f"""
import os
from pathlib import Path
from monitoring.pool_files import own_directory
directory = own_directory(Path({str(tmp_path)!r}))
if not (child := os.fork()):
    raise SystemExit
os.waitpid(child, 0)
print(directory.is_dir())
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "True"


def test_directories_of_processes_that_are_no_more_are_removed_others_are_kept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    alive, mine = f"newsmill-metrics-{os.getppid()}-a", f"newsmill-metrics-{os.getpid()}-b"
    for name in (f"newsmill-metrics-{gone.pid}-c", alive, mine, "newsmill-redis-7"):
        (tmp_path / name).mkdir()
    made = own_directory(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {alive, "newsmill-redis-7", made.name}
    assert list(made.iterdir()) == []
