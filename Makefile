# `make serve` and `make test` set up what is missing on a Debian machine that has Rust and apt.

LISTEN ?= 127.0.0.1:3233
FUNCTIONS ?= examples/functions
# nextest runs test binaries side by side; without it, cargo's own runner does.
TEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo "nextest run --no-fail-fast" || echo "test --no-fail-fast")

.PHONY: serve build test test-golden counts lint setup setup-test bench bench-compute bench-effects bench-lifecycle bench-results bench-serving soak soak-api regression

# The daemon, and the services that some of the examples ask.
serve: build
	@target/release/upshift-backing & services=$$!; trap "kill $$services 2>/dev/null" EXIT; \
	target/release/upshift serve $(FUNCTIONS) --listen $(LISTEN)

build: setup
	cargo build --release

test: setup-test lint
	cargo $(TEST) --workspace
	python3 scripts/counts.py

test-golden: setup
	cargo $(TEST) -p upshift golden

# Instructions of the runtime's hot operations against benches/counts.json, a part of `make test`.
counts: setup-test
	python3 scripts/counts.py

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# Random programs by the hundred; `make test` runs a few dozen.
soak: setup
	UPSHIFT_RANDOM=1000 cargo $(TEST) -p upshift random

# A minute of many clients that share a few names; `make test` has ten seconds of it.
soak-api: setup-test
	UPSHIFT_TOGETHER=60 cargo $(TEST) -p upshift together

# CPython's own tests of its pure-Python modules, on their normal forms.
regression:
	@sh scripts/setup.sh --regression
	python3 scripts/regression.py target/regression

# Everything that is measured, in an hour; needs an otherwise idle machine.
bench: bench-compute bench-serving bench-lifecycle bench-effects
	cargo bench -p upshift-worker
	$(MAKE) bench-results

# benches/RESULTS.md, of the figures that the others left in benches/figures.
bench-results:
	python3 scripts/bench_results.py benches

# The six functions of serverless papers, in either tier, against services on this machine.
bench-effects: build
	python3 scripts/bench_effects.py target/release benches/EFFECTS.md

# The functions of benches/compute beside other ways to run Python, and beside Rust.
bench-compute: build
	@sh scripts/setup.sh --bench
	cargo build --release --package upshift --example native
	mkdir -p benches/figures
	target/bench-venv/bin/python3 scripts/bench_compute.py target/release benches/COMPUTE.md --figures benches/figures/compute.json

# `authorize` on this daemon, and on servers for Python.
bench-serving: build
	@sh scripts/setup.sh --bench
	mkdir -p benches/figures
	target/bench-venv/bin/python3 scripts/bench_serving.py target/release benches/figures/serving.json

# From deployment to native code, and thousands of actions.
bench-lifecycle: build
	mkdir -p benches/figures
	python3 scripts/bench_lifecycle.py target/release benches/figures/lifecycle.json

setup:
	@sh scripts/setup.sh

setup-test:
	@sh scripts/setup.sh --test
