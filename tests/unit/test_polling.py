"""Sources that go on are read again, each in its own time."""

from workers.sources.memory import MemorySource
from workers.sources.polling import Polling


def test_a_source_is_due_again_after_its_own_pause() -> None:
    now = 100.0
    slow, fast = MemorySource(name="slow", poll_seconds=10), MemorySource(name="fast", poll_seconds=3)
    polling = Polling([slow, fast], lambda: now)
    assert polling.due() == []
    now = 103.0
    assert polling.due() == [fast]
    assert polling.due() == []
    now = 110.0
    assert polling.due() == [slow, fast]
