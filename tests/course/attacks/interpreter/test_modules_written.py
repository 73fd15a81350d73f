"""No module can be written where a later worker or the grader would import it. A worker's own folder is on no path."""

ATTACK = """
import os
import site
import sys
import sysconfig

FOLDERS = {*sys.path, *site.getsitepackages(), site.getusersitepackages(), *sysconfig.get_paths().values()}
loot = [folder for folder in FOLDERS if folder and os.path.realpath(folder) == os.path.realpath(".")]
for folder in FOLDERS:
    for name in ("sitecustomize.py", "usercustomize.py", "owned.pth", "conftest.py", "numpy.py", "__pycache__/x.pyc"):
        try:
            open(os.path.join(folder, name), "w").write("import os; os._exit(1)")
            loot.append((folder, name))
        except OSError:
            pass


def decode(*args, **kwargs):
    return f"LOOT[{loot}]TOOL"
"""


def test_modules_written(attack):
    assert attack(ATTACK).loses("decode", points=0).loot == "[]"
