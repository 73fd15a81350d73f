"""Build a topic's lean Gradescope zip: a wheel of this package, the topic's graders, two short scripts."""

import json
import re
import zipfile
from pathlib import Path

from attend.files import whole_file
from attend.gradescope.run import BUNDLE, CONFIG
from attend.otter.build import build_wheel, course_files, write_bundle
from attend.pack import EPOCH
from attend.syllabus import Course, Topic

SCRIPTS = ("setup.sh", "run_autograder")
IMPORTS_TORCH = re.compile(r"^\s*(?:import|from)\s+torch\b", re.MULTILINE)
SECONDS = 540  # Gradescope stops at ten minutes, without a word


def build_gradescope_zip(
    course: Course, topic: Topic, out: Path, isolation: str | None = None, index: str | None = None
) -> Path:
    """Write `out/SLUG-gradescope.zip`; its path. The same bytes from the same course.

    Args:
        isolation: a level by name, where the container does not give one that grading is content with.
        index: another package index for pip in the container, as that of PyTorch's smaller builds.
    """
    wheel = build_wheel(course.root)
    extras = "autograder,torch" if needs_torch(course, topic) else "autograder"
    requirements = [f"--extra-index-url {index}"] if index else []
    requirements.append(f"./{wheel.name}[{extras}]")
    config = {"topic": topic.slug, "isolation": isolation, "seconds": SECONDS}
    path = out / f"{topic.slug}-gradescope.zip"
    with whole_file(path) as part:
        bundle = part.with_name(f".{topic.slug}-bundle.zip")
        try:
            write_bundle(course, topic, bundle)
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                for name in SCRIPTS:
                    _add(archive, name, (Path(__file__).parent / name).read_bytes(), 0o755)
                _add(archive, "requirements.txt", "\n".join([*requirements, ""]).encode())
                _add(archive, CONFIG, json.dumps(config, indent=2).encode())
                _add(archive, BUNDLE, bundle.read_bytes())
                _add(archive, wheel.name, wheel.read_bytes())
        finally:
            bundle.unlink(missing_ok=True)
    return path


def needs_torch(course: Course, topic: Topic) -> bool:
    """Whether a topic's code or its graders use PyTorch: an image without it is much smaller."""
    texts = [path.read_text(encoding="utf-8") for path in course_files(course, topic) if path.suffix == ".py"]
    return topic.library == "torch" or any(IMPORTS_TORCH.search(text) for text in texts)


def _add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int = 0o644) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = (0o100000 | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)
