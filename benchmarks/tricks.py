"""The tricks that make grading fast, each with a switch that leaves it out, so that a benchmark can tell what it gains."""

from collections.abc import Callable

from attend.grading import batch, hidden_tests, memo, prefetch, replays
from attend.sandbox import backend, client, worker_client

# what a zygote runs before its `main`, by trick
_IN_ZYGOTE = {
    "huge pages": "zygote.huge_pages.gather = lambda: False",
}


def _without_memo() -> None:
    # verdicts on replies, and those of tests that are asked one by one
    prefetch.MAX_SEEN = memo.MAX_SEEN = 0
    memo.digest = lambda *trees: b""


def _without_scripts() -> None:
    hidden_tests.ExerciseScripts = lambda scripts: prefetch.ExerciseScripts({})


def _without_compiled_text() -> None:
    load = worker_client.Worker.load

    def compile_again(worker, filename, text, seconds, code=None, *others):
        load(worker, filename, text, seconds, None, *others)

    worker_client.Worker.load = compile_again


def _without_kept_replays() -> None:
    replays.Cases.of = lambda cases, record: replays.Case(replays._few_digits(record))


def _without_kept_worker() -> None:
    begin = backend.RemoteBackend.begin
    backend.RemoteBackend.begin = lambda each, fresh=True: begin(each, fresh=True)


def _without_rounding() -> None:
    prefetch.alike = memo.alike = lambda answer, right: False


def _without_own_core() -> None:
    batch._stay_on_one_core = lambda numbers: None


_IN_LANE: dict[str, Callable[[], None]] = {
    "memo": _without_memo,
    "scripts sent ahead": _without_scripts,
    "compiled text handed on": _without_compiled_text,
    "one worker for all exercises": _without_kept_worker,
    "rounding allowed for": _without_rounding,
    "replays of known mistakes kept": _without_kept_replays,
    "one core for each lane": _without_own_core,
}
TRICKS = tuple(dict.fromkeys([*_IN_LANE, *_IN_ZYGOTE]))


def leave_out(trick: str) -> None:
    """Have this process, and the zygotes that it starts, do without a trick; "" leaves everything as it is."""
    if trick in _IN_LANE:
        _IN_LANE[trick]()
    if trick in _IN_ZYGOTE:
        code = f"from attend.sandbox import zygote; {_IN_ZYGOTE[trick]}; zygote.main()"
        client.ZYGOTE = ("-c", code)
