"""A file whose whole path is known can neither be read nor written nor made."""

ATTACK = """
import os

loot = []
for place in PLACES:
    for attempt in (
        lambda: open(place).read(),
        lambda: open(place, "a").write("x"),
        lambda: os.listdir(os.path.dirname(place)),
        lambda: os.open(place, os.O_RDONLY | os.O_NOFOLLOW),
        lambda: os.rename(place, place + ".bak"),
        lambda: os.remove(place),
        lambda: os.symlink(place, "/tmp/owned"),
        lambda: os.chmod(place, 0o777),
        lambda: os.truncate(place, 0),
        lambda: os.utime(place),
        lambda: os.mkfifo(place + ".fifo"),
    ):
        try:
            loot.append((place, attempt()))
        except OSError:
            pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_files_by_name(attack, house):
    topic = house.topic("t03")
    files = [
        house.graders(topic),
        house.solution(topic),
        house.misconceptions(topic),
        house.root / "secret.txt",
    ]
    before = [file.stat() for file in files]
    source = ATTACK.replace("PLACES", str([str(file) for file in files] + ["/etc/passwd", "/etc/shadow"]))
    assert attack(source).loses("decode", points=0).loot == "[]"
    assert [(file.stat().st_mtime, file.stat().st_mode) for file in files] == [
        (s.st_mtime, s.st_mode) for s in before
    ]
