#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python, what confines students' code, this course's grader.
set -euo pipefail
root=${ATTEND_AUTOGRADER:-/autograder}
venv=$root/venv
cd "$root/source"

if command -v apt-get >/dev/null && [ -z "${ATTEND_SKIP_APT:-}" ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # bubblewrap is the outermost wall where containers permit it; libseccomp makes the system-call filter
    apt-get install -y -qq --no-install-recommends bubblewrap libseccomp2 ca-certificates
fi

python=
for version in 3.14 3.13 3.12 3.11; do
    if command -v "python$version" >/dev/null && "python$version" -c 'import venv, ensurepip' 2>/dev/null; then
        python=python$version
        break
    fi
    if command -v apt-get >/dev/null && [ -z "${ATTEND_SKIP_APT:-}" ] &&
        apt-get install -y -qq --no-install-recommends "python$version" "python$version-venv" 2>/dev/null; then
        python=python$version
        break
    fi
done
[ -n "$python" ] || { echo "Attend needs Python 3.11, 3.12, 3.13 or 3.14: choose a newer base image." >&2; exit 1; }

"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir -r requirements.txt
chmod -R go-rwx "$root/source" # the graders are root's
"$venv/bin/python" -m attend.grading.gradescope.run --check
