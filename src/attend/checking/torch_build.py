"""Which of PyTorch's builds is installed, and how much room it takes. Does not import torch, which takes seconds."""

import re
import runpy
from importlib import metadata, util
from pathlib import Path

# What a CUDA build brings beside torch itself.
LIBRARIES = ("nvidia-", "cuda-", "triton", "pytorch-triton")


def describe_torch() -> str:
    """The version, the build and the size of the installed PyTorch in words, as `2.13.0+cpu, CPU build, 757 MB on disk`.

    Raises:
        PackageNotFoundError: PyTorch is not installed.
    """
    torch = metadata.distribution("torch")
    build = _build()
    libraries = [] if build == "CPU build" else _libraries()
    size = sum(map(_bytes, [torch, *libraries]))
    with_ = f" with {len(libraries)} packages of its libraries" if libraries else ""
    advice = "" if build == "CPU build" else "; a CPU build is enough and smaller"
    return f"{torch.version}, {build}, {_in_words(size)} on disk{with_}{advice}"


def _build() -> str:
    """For which hardware it was built, read from the file in which PyTorch notes that."""
    spec = util.find_spec("torch")
    notes: dict[str, object] = {}
    if spec is not None and spec.origin:
        path = Path(spec.origin).with_name("version.py")
        if path.exists():
            notes = runpy.run_path(str(path))
    for name, words in {"cuda": "CUDA", "hip": "ROCm", "xpu": "XPU"}.items():
        if notes.get(name):
            return f"{words} {notes[name]} build"
    return "CPU build"


def _libraries() -> list[metadata.Distribution]:
    return [found for found in metadata.distributions() if _name(found).startswith(LIBRARIES)]


def _name(distribution: metadata.Distribution) -> str:
    """Its name as an index spells it, in small letters and with hyphens."""
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()


def _bytes(distribution: metadata.Distribution) -> int:
    """What the files of a distribution take together."""
    paths = (Path(str(file.locate())) for file in distribution.files or [])
    return sum(path.stat().st_size for path in paths if path.exists())


def _in_words(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
