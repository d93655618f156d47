# Every everyday task of the platform. `make help` lists them.

PYTHON ?= python3
PY := .venv/bin/python
ARGS ?=
WORKERS ?= auto
COMPILE := uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
# Folders that are there; a check of a missing folder would be an error.
SOURCES := $(wildcard libs services sunlight tests tools benchmarks)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check format bench kafka docs contracts screens lighthouse lock clean

help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Install what running needs into .venv
	@$(PYTHON) tools/install.py

setup-dev: ## Install what testing needs as well
	@$(PYTHON) tools/install.py --dev

run: setup ## Start the platform: database, API and worker
	.venv/bin/sunlight up $(ARGS)

test: setup-dev ## Run the tests, side by side (ARGS="tests/unit -k name" for some, WORKERS=0)
	$(PY) -m pytest -n $(WORKERS) --maxprocesses 4 $(ARGS)

check: setup-dev ## Format, lint, types, walls between packages, generated contracts
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy $(SOURCES)
	.venv/bin/lint-imports
ifneq ($(wildcard tools/contracts.py tools/contracts/__main__.py),)
	$(PY) -m tools.contracts --check
endif

format: setup-dev ## Format the code and mend what the linter can
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: setup-dev ## Measure (ARGS="..." goes to the benchmarks)
	$(PY) -m benchmarks $(ARGS)

kafka: setup ## Start a real Apache Kafka on loopback (needs Java 17 and Maven)
	$(PY) -m tools.kafka

docs: setup-dev ## Write the examples in docs/api anew, from real requests
	SUNLIGHT_WRITE_DOCS=1 $(PY) -m pytest -n 0 tests/system/test_thread_by_api.py

contracts: setup-dev ## Write the generated contracts anew
	$(PY) -m tools.contracts

screens: setup-dev ## Photograph every page into SCREENS, and those of the READMEs into docs/screens
	$(PY) -m tests.browser.screens $(or $(SCREENS),.cache/screens) --docs $(ARGS)

lighthouse: setup-dev ## Judge every page with Lighthouse 12.8.2 (in .cache/lighthouse, see .ci/run)
	$(PY) -m tests.browser.lighthouse $(ARGS)

lock: ## Resolve the packages anew into requirements/ (needs uv; ARGS=--upgrade)
	$(COMPILE) $(ARGS) pyproject.toml requirements/build.in -o requirements/requirements.txt
	$(COMPILE) $(ARGS) pyproject.toml requirements/build.in --group dev \
		-c requirements/requirements.txt -o requirements/dev.txt
	$(COMPILE) $(ARGS) requirements/node.in -o requirements/node.txt

clean: ## Remove .venv and caches; data folders stay
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
