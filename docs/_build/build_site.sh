#!/usr/bin/env bash
# Builds the site into dist/site. Usage: build_site.sh [PYTHON]   (default: .venv/bin/python)
# Needs Python with attend[site] installed, and Node 20 or newer with npm (KaTeX renders the formulas at build time).
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
build=docs/_build
site=dist/site

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "make site needs Node 20 or newer with npm: it renders the formulas. Install it and run make site again." >&2
    exit 1
fi
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    echo "make site needs Node 20 or newer; this one is $(node --version)." >&2
    exit 1
fi
if [ ! "$build/node_modules/.package-lock.json" -nt "$build/package-lock.json" ]; then
    npm ci --prefix "$build" --loglevel=error --no-audit --no-fund
    touch "$build/node_modules/.package-lock.json"
fi

export PYTHONPATH="src:$build:docs/figures${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
export NO_MKDOCS_2_WARNING=1 OMP_NUM_THREADS=1 SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1735689600}"
"$python" -m mkdocs build --strict # never with --quiet, which hides the warnings from --strict too
mkdir -p "$site/files/assignments" "$site/files/tests/public"
cp assignments/t[0-9][0-9]_*.{py,ipynb} "$site/files/assignments/"
cp tests/public/test_t[0-9][0-9]_*.py "$site/files/tests/public/"
node "$build/finish.mjs" "$site"
"$python" "$build/check_site.py" "$site"
