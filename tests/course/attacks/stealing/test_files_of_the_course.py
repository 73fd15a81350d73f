"""The hidden tests, the solutions, the bank and the course file cannot be read, wherever they lie."""

ATTACK = """
import glob
import os

ROOTS = ["/", ".", "..", os.path.expanduser("~"), os.environ.get("PWD", "/"), "/home", "/tmp", "/proc/1/cwd"]
loot = []
for root in ROOTS:
    for name in ("secret.txt", "course.toml", "solutions/*.py", "autograder/*/*.py", "*/secret.txt", "*/*/secret.txt"):
        for path in glob.glob(os.path.join(root, name)):
            loot.append(path)
            try:
                loot.append(open(path).read())
            except OSError:
                pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_files_of_the_course(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
