# The house's own errands. `make help` prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TIER ?= full-stack
OUT ?= demo-out
TEST = $(BIN)/python -m pytest -n 2 --dist loadfile -m "not postgres and not browser"
export UV_CACHE_DIR ?= $(HOME)/.cache/uv

.DEFAULT_GOAL := help
.PHONY: help setup dev demo test test-parts test-kernel test-hazards test-failures test-postgres test-browser soak check fix bench docs lock clean

help:  ## print this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sendoff needs Python 3.11 or newer; try: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.setup: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: dev.lock $(VENV)/.setup
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r dev.lock
	@touch $@

setup: $(VENV)/.setup  ## make .venv with everything the program needs
dev: $(VENV)/.dev  ## make .venv with everything the tests need

demo: $(VENV)/.setup  ## watch a customer leave, in the sandbox (TIER=full-stack|premium|csp); SERVE=1: do it yourself in the pages
	$(BIN)/sendoff demo --tier $(TIER) --out $(OUT) $(if $(SERVE),--serve)

test: test-parts test-kernel test-hazards test-failures  ## run the tests, but for those that need PostgreSQL

test-parts: $(VENV)/.dev  ## run the tests of single parts
	$(TEST) --ignore tests/kernel --ignore tests/hazards --ignore tests/fieldfailures

test-kernel: $(VENV)/.dev  ## run the tests in which the power goes out, workers die and vendors lie
	$(TEST) tests/kernel

test-hazards: $(VENV)/.dev  ## run the tests by name of hazards: mostly whole leavings
	$(TEST) tests/hazards

test-failures: $(VENV)/.dev  ## run the tests by name of field failures: mostly whole leavings
	$(TEST) tests/fieldfailures

test-postgres: $(VENV)/.dev  ## run the tests that need PostgreSQL, on a server of their own
	$(if $(wildcard /dev/shm/.),TMPDIR=/dev/shm) $(BIN)/python -m tools.postgres $(BIN)/python -m pytest -n 3 --dist worksteal -m postgres

test-browser: $(VENV)/.dev  ## drive a whole leaving through the pages in Chromium, and look for what shuts people out
	$(BIN)/python -m pytest -n 0 -p no:randomly -m browser -W ignore::pytest.PytestUnraisableExceptionWarning tests/browser

check: $(VENV)/.dev  ## lint, types, stairs, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -p no:randomly tests/house

fix: $(VENV)/.dev  ## mend what can be mended by machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## measure: start of the command line, and a whole leaving
	$(BIN)/python -m tools.bench

soak: $(VENV)/.dev  ## 100,000 removals, a thousand random estates, and a thousand kills on each database; takes two hours, and can be taken up again
	OBJECTS=100000 $(BIN)/python -m pytest -q -n 0 tests/fieldfailures/test_many.py
	ESTATES=1000 $(BIN)/python -m pytest -q -n 0 tests/hazards/test_random_estates.py tests/hazards/test_random_removals.py
	WEATHER=every $(BIN)/python -m pytest -q -n 2 tests/kernel/test_faults.py -k weather
	POINTS=every $(BIN)/python -m tools.postgres $(BIN)/python -m pytest -q -n 0 tests/kernel/test_power_cut_postgres_calls.py
	$(BIN)/python -m tools.soak

docs: $(VENV)/.dev  ## write the generated pages anew
	$(BIN)/python -m tools.reference
	$(BIN)/python -m tools.states

lock: $(BIN)/uv  ## resolve the dependencies anew, with hashes and no host names
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev --extra postgres --extra azure pyproject.toml -o dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url tests/witnesses/requirements.txt -o tests/witnesses/requirements.lock
	$(BIN)/uv pip compile --quiet --no-deps --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url tests/witnesses/alone.txt -o tests/witnesses/alone.lock

clean:  ## remove what was made here
	rm -rf $(VENV) demo-out .mypy_cache .ruff_cache .pytest_cache .hypothesis
