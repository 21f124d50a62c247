"""What a page costs all enrichment stages: seconds of CPU and MB, each page in a process of its own."""

import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tasks.article import Article
from tasks.dedupe.stage import MemoryContentIndex, dedupe
from tasks.errors import Rejected, TryLater
from tasks.extract.page import warm
from tasks.extract.stage import Extractor, extract
from tasks.language.detector import Detector
from tasks.language.stage import detect_language
from tasks.topics.stage import tag_topics
from tasks.topics.tagger import load


class Cost(msgspec.Struct, frozen=True):
    """How a page ended, and what it cost: seconds of CPU, by stage, and MB on top of a warm process."""

    name: str
    end: str
    cpu: float
    mb: float
    stages: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Meter:
    """The stages, warm, in a process that forks one for each page. It is ended after `most` seconds of CPU."""

    most: int
    stages: dict[str, Callable[[Article], Article]]

    @classmethod
    def load(cls, most: int) -> "Meter":
        """Load all models, as a worker does before it forks."""
        warm()
        detector, tagger, contents, extractor = Detector.load(), load(), MemoryContentIndex(), Extractor()
        detector.warm()
        stages: dict[str, Callable[[Article], Article]] = {
            "extract": lambda one: extract(one, extractor=extractor),
            "language": lambda one: detect_language(one, detector=detector),
            "dedupe": lambda one: dedupe(one, contents=contents),
            "topics": lambda one: tag_topics(one, tagger=tagger),
        }
        return cls(most, stages)

    def cost(self, name: str, content_type: str, body: bytes) -> Cost:
        """Return what a page costs."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_CPU, (self.most, self.most))
            resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
            os.write(writing, msgspec.json.encode(self._run(name, content_type, body)))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        _, status, usage = os.wait4(child, 0)
        if answer:
            return msgspec.json.decode(answer, type=Cost)
        killed = signal.Signals(status & 0x7F).name if status & 0x7F else f"exit {status >> 8}"
        return Cost(name, f"killed: {killed}", usage.ru_utime + usage.ru_stime, 0)

    def _run(self, name: str, content_type: str, body: bytes) -> Cost:
        before, began = _memory("VmRSS"), _cpu()
        article = Article(id="0a", url="https://courier.example/levees", content_type=content_type, html=body)
        end, stages = "article", {}
        try:
            for stage, run in self.stages.items():
                started = _cpu()
                try:
                    article = run(article)
                finally:
                    stages[stage] = round(_cpu() - started, 3)
        except Rejected as ending:
            end = f"{ending.reason}: {(ending.detail or '')[:60]}"
        except TryLater as ending:
            end = str(ending.reason)
        except BaseException as error:  # noqa: BLE001 - it is what is measured
            end = f"{type(error).__name__}: {str(error)[:60]}"
        return Cost(
            name,
            end,
            round(_cpu() - began, 3),
            round((_memory("VmHWM") - before) / 1000, 1),
            tuple(stages.items()),
        )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory(name: str) -> int:
    """Return a figure of /proc/self/status in kB."""
    with open("/proc/self/status") as status:  # noqa: PTH123 - a file of the kernel
        return next(int(line.split()[1]) for line in status if line.startswith(name))
