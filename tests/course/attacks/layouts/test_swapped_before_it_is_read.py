"""What lies at a path when it is read is not what lay there when the class was looked through."""

import os
import threading
from pathlib import Path

import pytest

from attend.submissions import take_in
from attend.submissions.submission import read_entry

SLUG = "t01_tiny"


def swap_for_a_link(folder: Path, step: Path, target: Path) -> None:
    moved = folder.parent / "moved"
    os.rename(step, moved)
    os.symlink(target, step)


@pytest.mark.parametrize("step", ["ada", "ada/deep", f"ada/deep/{SLUG}.py"])
def test_no_step_on_the_way_to_a_file_may_have_become_a_link(tiny, lay, tmp_path, step):
    folder = lay({f"ada/deep/{SLUG}.py": "x = 1"})
    secret = tmp_path / "secret" / "deep"
    secret.mkdir(parents=True)
    (secret / f"{SLUG}.py").write_text("SECRET = 1")
    [entry] = take_in(tiny, [folder]).entries
    target = {"ada": secret.parent, "ada/deep": secret}.get(step, secret / f"{SLUG}.py")
    swap_for_a_link(folder, folder / step, target)
    taken = read_entry(entry, tiny.topic("t01"))
    assert taken.text == "" and taken.refusal


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_beside_the_file_or_in_its_place_is_not_waited_for(tiny, lay):
    folder = lay({f"ada/{SLUG}.py": "x = 1", f"bela/{SLUG}.py": "x = 2"})
    os.mkfifo(folder / "ada" / f"{SLUG}-2.py")
    intake = take_in(tiny, [folder])
    (folder / "bela" / f"{SLUG}.py").unlink()
    os.mkfifo(folder / "bela" / f"{SLUG}.py")
    found = {entry.student: read_entry(entry, tiny.topic("t01")) for entry in intake.entries}
    assert found["ada"].text == "x = 1"
    assert found["ada"].notes == (f"{SLUG}-2.py is no ordinary file; {SLUG}.py counts.",)
    assert found["bela"].refusal == f"{SLUG}.py is no ordinary file."


@pytest.mark.parametrize("step", ["ada", "ada/deep", f"ada/deep/{SLUG}.py"])
def test_swapped_again_and_again_while_it_is_read(tiny, lay, tmp_path, step):
    """Whatever the moment, what is read is the student's own, or nothing."""
    folder = lay({f"ada/deep/{SLUG}.py": "x = 1", f"bela/{SLUG}.py": "x = 2"})
    secret = tmp_path / "secret" / "deep"
    secret.mkdir(parents=True)
    (secret / f"{SLUG}.py").write_text("SECRET = 1")
    entry, _ = take_in(tiny, [folder]).entries
    target = {"ada": secret.parent, "ada/deep": secret}.get(step, secret / f"{SLUG}.py")
    own, link, over = folder / step, tmp_path / "link", threading.Event()
    os.symlink(target, link)

    def swap() -> None:
        while not over.is_set():
            os.rename(own, tmp_path / "aside")
            os.rename(link, own)
            os.rename(own, link)
            os.rename(tmp_path / "aside", own)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        texts = [read_entry(entry, tiny.topic("t01")).text for _ in range(400)]
        for _ in range(300):
            found = {one.student: one for one in take_in(tiny, [folder]).entries}
            assert read_entry(found.pop("bela"), tiny.topic("t01")).text == "x = 2"
            texts += [read_entry(other, tiny.topic("t01")).text for other in found.values()]
    finally:
        over.set()
        thread.join()
    assert set(texts) == {"x = 1", ""}, "both were met, and never the secret"
