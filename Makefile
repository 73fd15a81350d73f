# Two commands for a fresh clone: `make demo` and `make test`. Each makes .venv and installs what it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
DEMO_TOPICS ?= t03 t09

.PHONY: help demo test site bench lint clean lab-results
help:
	@echo "make demo   a sample class of 24 students, graded, with feedback and a report"
	@echo "make test   every test"
	@echo "make site   the course's site, in dist/site (needs Node 20)"
	@echo "make bench  measurements, side by side"

# The stamp's name holds a digest of pyproject.toml: a changed dependency installs again.
STAMP := $(VENV)/.installed-$(shell cksum pyproject.toml | cut -d' ' -f1)
$(STAMP):
	@command -v $(PYTHON) >/dev/null || { echo "Attend needs Python 3.11 or newer: set PYTHON=…"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@rm -f $(VENV)/.installed-*; touch $@

demo: $(STAMP)
	@rm -rf $(DEMO)
	$(BIN)/attend sample-class --students 24 --seed 7 --out $(DEMO)/class $(DEMO_TOPICS)
	$(BIN)/attend build $(DEMO_TOPICS) --out $(DEMO)/otter
	$(BIN)/attend grade $(DEMO)/class --out $(DEMO)/results

# The browser's tests wait most of the time, so they run beside the others; what they said comes last. No test that sends
# Ctrl-C may run there: a shell has what it puts in the background ignore it.
BESIDE := $(addprefix tests/course/,site instructor lab isolation references)
test: $(STAMP)
	@$(BIN)/python -m pytest $(BESIDE) -q -rx --durations=5 >$(VENV)/tests-beside.log 2>&1 & beside=$$!; \
	trap 'kill $$beside' INT TERM; \
	$(BIN)/python -m pytest tests/course $(BESIDE:%=--ignore=%) -q --durations=15; rest=$$?; \
	echo "waiting for the tests that run beside: $(BESIDE)"; wait $$beside; others=$$?; \
	cat $(VENV)/tests-beside.log; test $$rest = 0 && test $$others = 0

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check src solutions tests autograder
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
