# Everything runs from a virtual environment of its own, made on first use of what constraints.txt names; locks/ has the
# hashes of it (.ci/lock renews them). torch goes by its version alone, since which build is wanted differs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.tools
export HF_HUB_DISABLE_TELEMETRY := 1
export GRADIO_ANALYTICS_ENABLED := False
# Whatever the environment says: else each of the hundreds of processes of a test compiles the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

# Two processes, of one thread each, so that they do not fight for two cores; tests/needs.py says what stays together.
TESTED := HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/python
TWO := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: serve test test-fast check gate hostile baseline fix screenshots reader release

serve: $(READY)
	$(BIN)/cco serve

test: $(TOOLS) $(VENV)/.server
	$(TESTED) -m pytest $(TWO)

# For between two changes: only what needs nothing beyond Python and its libraries and no second of time.
test-fast: $(TOOLS)
	$(TESTED) -m pytest --fast $(TWO)

check: $(TOOLS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The answers to the shipped sets against benchmarks/baseline; make baseline renews it, on purpose.
gate: $(READY)
	$(BIN)/python -m benchmarks.gate

# A real server under sixty clients, of which a third mean harm, for five minutes; its promises or exit status 3 (make's own is 2).
hostile: $(READY)
	$(BIN)/python -m benchmarks.hostile --minutes 5 --clients 60 --lenient

baseline: $(READY)
	$(BIN)/python -m benchmarks.gate --renew

fix: $(TOOLS)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: $(TOOLS)
	$(BIN)/python -m tests.helpers.screenshots docs
	$(BIN)/python -m tests.helpers.report_picture docs/report.png

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := $(PIP) --no-deps --require-hashes -r

$(READY): pyproject.toml constraints.txt locks/serve.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt torch
	$(LOCKED) locks/serve.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# What only tests and checks need.
$(TOOLS): $(READY) locks/dev.txt
	$(LOCKED) locks/dev.txt
	@touch $@

# A language model's server for its tests, which are skipped where it cannot be had.
$(VENV)/.server: $(READY) locks/server.txt
	$(LOCKED) locks/server.txt || echo "no server for tests/kb/generation/test_llm_server.py: skipped"
	@touch $@

# Wheel, sdist and the software bill of materials (CycloneDX) in out/release.
release: $(READY)
	$(LOCKED) locks/release.txt
	rm -rf out/release
	$(BIN)/python -m build --no-isolation --outdir out/release
	grep '^torch==' constraints.txt | cat locks/serve.txt - | $(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --of JSON -o out/release/cco-kb.cdx.json -

# The reader's weights from training/data, into out/reader; hours on a processor, stopped it goes on where it was.
reader: $(TOOLS)
	$(BIN)/python -m training out/reader $(TRAINING)
