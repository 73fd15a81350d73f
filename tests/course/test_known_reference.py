"""The reference's answers that are kept: the same as from a worker that is asked each time."""

import pytest

from attend.grading import kept
from attend.grading.known_reference import KnownReference
from attend.student.protocol import Failure, Request, Result


class Drawing:
    """A worker whose answers depend on all requests since the last seed, as random numbers do."""

    def __init__(self):
        self.asked: list[str] = []
        self._state: list[object] = []

    def begin(self):
        self._state = []

    def close(self):
        self._state = []

    def run(self, request, callbacks):
        if request.seed is not None:
            self._state = [request.seed]
        self._state.append(request.name)
        self.asked.append(request.name)
        return Result("-".join(map(str, self._state)))


def ask(reference, *names: str, seed: int = 1) -> list[object]:
    requests = [Request("call", name, seed=None if place else seed) for place, name in enumerate(names)]
    return [reference.run(request, []).value for request in requests]


@pytest.fixture
def worker():
    return Drawing()


@pytest.fixture
def known(worker):
    return KnownReference(worker)


def test_the_same_requests_are_asked_once(worker, known):
    first = ask(known, "f", "g")
    assert ask(known, "f", "g") == first == ask(Drawing(), "f", "g")
    assert worker.asked == ["f", "g"]


@pytest.mark.parametrize("names", [("f", "h"), ("g",), ("f", "g", "f"), ("f", "h", "g")])
def test_after_known_requests_a_new_one_is_answered_as_if_all_had_been_asked(known, names):
    ask(known, "f", "g")
    assert ask(known, *names) == ask(Drawing(), *names)


def test_another_seed_is_another_row(known):
    ask(known, "f")
    assert ask(known, "f", seed=2) == ["2-f"]


def test_a_fresh_worker_has_been_asked_nothing(worker, known):
    known.begin()
    unseeded = Request("call", "f")
    known.run(unseeded, [])
    assert known.run(unseeded, []).value == "f-f"
    known.begin()
    assert known.run(unseeded, []).value == "f"
    assert worker.asked == ["f", "f"]


@pytest.mark.parametrize(("kind", "asked"), [("raised", 1), ("missing", 1), ("timeout", 2), ("crash", 2)])
def test_the_end_of_a_worker_is_not_kept(worker, known, kind, asked):
    def fail(request, callbacks):
        worker.asked.append(request.name)
        return Failure(kind)

    worker.run = fail
    for _ in range(2):
        assert known.run(Request("call", "f", seed=1), []).kind == kind
    assert len(worker.asked) == asked


def test_little_is_kept(known, worker, monkeypatch):
    monkeypatch.setattr(kept, "MAX_KEPT", 1000)
    for seed in range(20):
        ask(known, "f", seed=seed)
    assert len(known._kept) == 3 and known._kept.size <= 1000
    assert ask(known, "f", seed=0) == ["0-f"]
    assert len(worker.asked) == 21
