"""A class on a Dask cluster gets the grades that it gets without one."""

import tempfile
from collections import Counter

import pytest

from attend.gradebook.store import Gradebook
from attend.grading.batch import grade_class
from attend.grading.work import MAX_DEATHS, Queue
from attend.submissions import BatchError, take_in
from attend.submissions.submission import Submission

from .conftest import kill_a_child

pytest.importorskip("distributed")

from attend.grading.dask_cluster import LARGEST, SMALLEST, chunk_size  # noqa: E402 (it needs what was just asked for)


@pytest.mark.parametrize("total", [1, 5, 24, 150, 500, 30_000])
@pytest.mark.parametrize("lanes", [1, 2, 64])
def test_chunks_are_small_enough_to_share_and_large_enough_to_pay(total, lanes):
    size = chunk_size(total, lanes)
    assert 1 <= size <= LARGEST
    assert size >= SMALLEST or size * 8 * lanes < total + 8 * lanes


@pytest.mark.slow
def test_a_local_cluster_gives_the_same_grades_and_a_killed_worker_loses_nothing(
    tiny, hand_in, answers, tmp_path, level, monkeypatch
):
    scratch = tmp_path / "temporary"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    files = {f"right-{number:02}": f"{answers['right']}\n# {number}\n" for number in range(14)}
    files |= {"wrong": answers["wrong"], "broken": answers["broken"], "stub": answers["stub"]}
    entries = take_in(tiny, [hand_in(files)]).entries
    killed, told = [], []

    def kill_one(progress):
        told.append(progress.grade.student)
        if not killed and len(told) > 2:
            killed.append(kill_a_child())

    with Gradebook(tmp_path / "dask" / "gradebook.sqlite") as book:
        grade_class(tiny, entries, book, level, 2, kill_one, scheduler="local")
        by_dask = sorted(book.rows())
    with Gradebook(tmp_path / "lanes" / "gradebook.sqlite") as book:
        grade_class(tiny, entries, book, level, 2)
        by_lanes = sorted(book.rows())
    assert killed and killed[0]
    assert by_dask == by_lanes and len(by_dask) == 34
    assert set(Counter(told).values()) == {1}
    assert list(scratch.iterdir()) == []


def test_a_scheduler_that_does_not_answer_is_named(tiny, hand_in, answers, tmp_path, level, monkeypatch):
    monkeypatch.setattr("attend.grading.dask_cluster.ANSWER_SECONDS", 1.0)
    entries = take_in(tiny, [hand_in({"ada": answers["right"]})]).entries
    with Gradebook(tmp_path / "out" / "gradebook.sqlite") as book:
        with pytest.raises(BatchError, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
            grade_class(tiny, entries, book, level, 1, scheduler="tcp://127.0.0.1:9")


def test_a_chunk_that_is_lost_comes_again_one_by_one_and_at_last_is_given_up():
    work = [Submission(f"student-{number}", "t01_tiny", "t01_tiny.py", f"{number}") for number in range(4)]
    queue = Queue(iter(work))
    assert queue.take(3) == work[:3]
    assert queue.lost(work[:3]) == []
    assert [queue.take(3) for _ in range(3)] == [[each] for each in work[:3]] and queue.take(3) == work[3:]
    assert queue.losses(work[:1]) == 1 and queue.take(3) == []
    for _ in range(MAX_DEATHS - 1):
        assert queue.lost(work[:1]) == [] and queue.take(3) == work[:1]
    assert queue.lost(work[:1]) == work[:1]
    with pytest.raises(BatchError, match="again and again"):
        for each in work:
            for _ in range(MAX_DEATHS + 1):
                queue.lost([each])


def test_where_something_is_graded_in_between_no_number_of_lost_ones_stops_the_class():
    queue = Queue(iter(()))
    for number in range(10):
        each = Submission(f"student-{number}", "t01_tiny", "t01_tiny.py", f"{number}")
        assert [queue.lost([each]) for _ in range(MAX_DEATHS + 1)][-1] == [each]
        queue.finished()
