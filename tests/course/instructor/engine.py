"""A stand-in for Docker and Podman: it writes its arguments to a file, and runs a container by bubblewrap.

Usage: as `docker` or `podman`; ENGINE_LOG names the file, ENGINE_COURSE the course of the image, ENGINE_FAILS a
subcommand that fails. A container gets what the engine would give: the image's own files, here those of this machine,
read-only; the mounts that are asked for; an empty /tmp; no network, no capability, and the user that is asked for.
"""

import csv
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def container(options: dict[str, list[str]], command: list[str]) -> list[str]:
    """The command line of bubblewrap for `engine run`."""
    user, group = options["--user"][0].split(":")
    words = ["bwrap", "--unshare-user", "--uid", user, "--gid", group, "--cap-drop", "ALL"]
    words += ["--unshare-net", "--unshare-pid", "--tmpfs", "/"]
    for path in sorted(Path("/").iterdir()):
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.name not in ("proc", "dev", "tmp", "sys"):
            words += ["--ro-bind", str(path), str(path)]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in (str(ROOT), sys.prefix, sys.base_prefix):
        if path.startswith("/tmp/"):
            words += ["--ro-bind", path, path]
    words += ["--ro-bind", os.environ["ENGINE_COURSE"], "/course"]
    for line in options["--mount"]:
        fields = next(csv.reader([line]))
        named = dict(field.split("=", 1) for field in fields if "=" in field)
        words += ["--ro-bind" if "readonly" in fields else "--bind", named["source"], named["target"]]
    words += ["--remount-ro", "/", "--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "COLUMNS", "200"]
    words += ["--setenv", "PATH", os.environ["PATH"], "--chdir", options["--workdir"][0], "--"]
    return [*words, sys.executable, "-m", *command]


def main() -> None:
    words = sys.argv[1:]
    with open(os.environ["ENGINE_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(words) + "\n")
    if words[0] == os.environ.get("ENGINE_FAILS"):
        sys.exit(125)
    if words[0] == "--version":
        print(f"{os.environ.get('ENGINE_KIND', 'Docker')} version 1.2.3")
    elif words[0] == "build":
        [file] = [word.partition("=")[2] for word in words if word.startswith("--iidfile=")]
        Path(file).write_text("sha256:0123", encoding="utf-8")
    elif words[0] == "run":
        end = words.index("sha256:0123")
        options: dict[str, list[str]] = {}
        for word in words[1:end]:
            name, _, value = word.partition("=")
            options.setdefault(name, []).append(value)
        command = container(options, words[end + 1 :])
        os.execvp(command[0], command)


if __name__ == "__main__":
    main()
