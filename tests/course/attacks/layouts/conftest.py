"""A class on a disk."""

from pathlib import Path

import pytest


@pytest.fixture
def lay(tmp_path):
    """Write files below `class`; a name that ends in / is an empty folder. The folder."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "class" / name
            if name.endswith("/"):
                path.mkdir(parents=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "class"

    return write
