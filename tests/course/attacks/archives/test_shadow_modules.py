"""Files beside the module, called as what it imports, are not looked at: it gets the real ones."""

EVIL = "raise SystemExit('shadowed')"
SHADOWS = ["numpy.py", "numpy/__init__.py", "jaxtyping.py", "attend/__init__.py", "pytest.py", "typing.py"]
SHADOWS += [
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "evil.pth",
    "pytest.ini",
    "__init__.py",
    "setup.py",
]


def test_shadow_modules(hand_in, zipped, honest):
    shadows = dict.fromkeys(SHADOWS, EVIL) | {"evil.pth": "import os; os._exit(1)"}
    hand_in(zipped({"t03_attention_decoding.py": honest, **shadows})).is_honest()
