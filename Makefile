# Two commands for a new machine: `make run` and `make test`. Needs Python 3.11+ and make.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
RUN_STAMP = $(VENV)/.runtime
DEV_STAMP = $(VENV)/.dev
# uv installs the locked packages in a fraction of pip's time. Where it cannot be had, or cannot reach what pip can, pip does.
install   = { test -x $(BIN)/uv && $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) 2>/dev/null; } \
            || $(BIN)/python -m pip install --quiet $(1)

# The report's page is tested in Debian's Chromium. Where it is missing, and we may install it, it is installed.
chromium  = command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
            && apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq chromium >/dev/null 2>&1; }

# Two processes share the towns. SEED=... is that of a run, or of one town, such as 7/31, to live through it again.
PROCESSES ?= 2

.PHONY: run test check dst bench bench-large format docs migration lock clean help

help:            ## What each target does
	@grep -E '^[a-z]+: .*##|^[a-z]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

run: $(RUN_STAMP)          ## Set up and start: the terminal with no settings, else the channels in config.toml
	@$(BIN)/said run $(ARGS)

# For two cores: one worker runs the crash tests first, which wait for most of their time.
test: $(DEV_STAMP)         ## Set up and pass all tests
	@$(BIN)/python -m pytest -q -n 3 --dist loadgroup $(ARGS)

check: $(DEV_STAMP)        ## ruff, mypy, the import rules, the shipped scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases --follow-imports=silent -p bench
	$(BIN)/python -m pytest -q tests/test_architecture.py
	$(BIN)/said check

dst: $(DEV_STAMP)          ## A million simulated person-days with faults and deaths: half an hour; SEED=... again
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.dst --processes $(PROCESSES) $(if $(SEED),--seed $(SEED)) $(ARGS)

LARGE := bench/big.py bench/export.py bench/memory.py bench/reading_queue.py bench/wave.py

bench: $(DEV_STAMP)        ## The benchmarks of docs/benchmarks.md, but for the large ones
	@for file in $(filter-out $(LARGE) bench/mutants.py,$(wildcard bench/[a-z]*.py)); do echo "== $$file"; $(BIN)/python $$file $(ARGS) || exit 1; done

bench-large: $(DEV_STAMP)  ## The large ones: hours, and some gigabytes of disk
	@for file in $(LARGE); do echo "== $$file"; $(BIN)/python $$file $(ARGS) || exit 1; done

format: $(DEV_STAMP)       ## Put the code in the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migration: $(DEV_STAMP)    ## Write a migration from changed tables: make migration MESSAGE="What it does"
	@test -n "$(MESSAGE)" || { echo 'Say what it does: make migration MESSAGE="..."'; exit 2; }
	$(BIN)/python -m storage.database.migrate "$(MESSAGE)"
	$(BIN)/ruff format storage/migrations

docs: $(DEV_STAMP)         ## Make the reference pages anew from the code
	@$(BIN)/python -m bot.cli.reference
	@$(BIN)/python -m flows.reference

LOCK = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet
lock: $(DEV_STAMP)         ## Pin anew; needs uv
	$(LOCK) -o requirements.lock pyproject.toml
	$(LOCK) -o requirements-dev.lock --group dev pyproject.toml
	sed -n 's/^ *"\(fast-universal[^"]*\)".*/\1/p' pyproject.toml | $(LOCK) -o requirements-second-reader.lock -
	sed -n 's/^ *"\(scikit-learn[^"]*\)".*/\1/p' pyproject.toml | $(LOCK) -c requirements-second-reader.lock -o requirements-coding.lock -
	sed -n 's/^ *"\(matplotlib[^"]*\)".*/\1/p' pyproject.toml | $(LOCK) -c requirements.lock -c requirements-dev.lock -c requirements-coding.lock -o requirements-report.lock -
	echo uv | $(LOCK) -o requirements-uv.lock -

$(RUN_STAMP): requirements.lock requirements-dev.lock requirements-uv.lock requirements-second-reader.lock requirements-coding.lock requirements-report.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up (once)..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.lock 2>/dev/null || echo "(without uv)"
	@$(call install,--require-hashes -r requirements.lock)
	@{ $(call install,--require-hashes -r requirements-second-reader.lock); } || echo "(without the second reader)"
	@{ $(call install,--require-hashes -r requirements-coding.lock); } || echo "(without scikit-learn: no agreement of coders)"
	@{ $(call install,--require-hashes -r requirements-report.lock); } || echo "(without matplotlib: no outcomes report)"
	@$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@$(call install,--require-hashes -r requirements-dev.lock)
	@$(chromium) || echo "(without Chromium: the report's page is not opened in tests)"
	@touch $@

clean:           ## Remove what was set up
	rm -rf $(VENV) .mypy_cache .ruff_cache
