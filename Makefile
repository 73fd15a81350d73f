# Two commands for a fresh clone: `make demo` and `make test`. Each makes .venv and installs what it needs.
# While you work: `make check` before a commit, `make lint` alone for a change of words.

# The newest Python that runs and can make a virtual environment; PYTHON=… names another.
runs = $(shell $(1) -c 'import ensurepip, venv' 2>/dev/null && echo $(1))
PYTHON ?= $(or $(call runs,python3.14),$(call runs,python3.13),$(call runs,python3.12),$(call runs,python3.11))
# On Linux pip takes PyTorch's build for NVIDIA's cards, of some gigabytes. TORCH_INDEX=… names the index of its CPU
# builds: PyTorch's own page "Get started" shows the address behind --index-url when you choose Pip and CPU.
TORCH_INDEX ?=
PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
DEMO_TOPICS ?= t03 t09
# How many processes run tests; `logical` is one for each core.
JOBS ?= logical

# Tests start some thousand processes; without kept bytecode each would compile the course's code anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check site bench lint clean lab-results
help:
	@echo "make demo   a sample class of 24 students, graded, with feedback and a report"
	@echo "make check  lint, and the tests that take little time"
	@echo "make lint   ruff, import-linter, mypy, and the English of the docs"
	@echo "make test   every test"
	@echo "make site   the course's site, in dist/site (needs Node 20)"
	@echo "make bench  measurements, side by side"

# The stamp's name holds a digest of pyproject.toml: a changed dependency installs again.
STAMP := $(VENV)/.installed-$(shell cksum pyproject.toml | cut -d' ' -f1)
$(STAMP):
	@test -x $(BIN)/python || test -n "$(PYTHON)" || \
		{ echo "Attend needs Python 3.11, 3.12, 3.13 or 3.14, with venv: set PYTHON=…"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# one that uv made has no pip
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(PIP_INSTALL) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -e '.[dev]'
	@rm -f $(VENV)/.installed-*; touch $@

demo: $(STAMP)
	@rm -rf $(DEMO)
	$(BIN)/attend sample-class --students 24 --seed 7 --out $(DEMO)/class $(DEMO_TOPICS)
	$(BIN)/attend build $(DEMO_TOPICS) --out $(DEMO)/otter
	$(BIN)/attend grade $(DEMO)/class --out $(DEMO)/results

# tests/course/conftest.py says which tests stay together in one process.
TESTS = $(BIN)/python -m pytest tests/course -q -rx -n $(JOBS) --maxprocesses 4 --dist loadscope --no-loadscope-reorder
test: $(STAMP)
	$(TESTS) --durations=20

check: lint
	$(TESTS) -m "not (browser or otter or training or slow)"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python docs/_build/check_prose.py

site: $(STAMP)
	PATH="$(CURDIR)/$(BIN):$$PATH" bash docs/_build/build_site.sh

bench: $(STAMP)
	$(BIN)/python benchmarks/grading.py
	$(BIN)/python benchmarks/attention.py

lab-results: $(STAMP)
	$(BIN)/attend lab results --code solutions

clean:
	rm -rf dist demo .pytest_cache
