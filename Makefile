.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

PORT ?= 8080
MINUTES ?= 20

.PHONY: help
help: ## Explain every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: ## Start the shop on this machine, play a tour through it, keep serving (PORT=8080)
	cargo run --quiet --package local

.PHONY: sweep
sweep: ## Sweep the shop of `make run`: what the gateway shows of the last MINUTES=20 (PORT=8080)
	@curl -sS --fail-with-body -X POST 'http://127.0.0.1:$(PORT)/local/sweep?minutes=$(MINUTES)' && echo

.PHONY: unmatched
unmatched: ## List the payments that no order took, or close one: CLOSE=imp_… NOTE="…" (PORT=8080; AWS=1 shows how on AWS)
	@PORT=$(PORT) tools/unmatched

.PHONY: order
order: ## Tell one order's story: ID=… of the shop of `make run` (PORT=8080), or with AWS=1 of a stack (STACK=)
	@PORT=$(PORT) tools/desk order

.PHONY: ledger
ledger: ## Export a day's movements of money as CSV: DAY=2026-11-24, or FROM= TO=, in Korea's time (PORT=8080; AWS=1 STACK=)
	@PORT=$(PORT) tools/desk ledger

.PHONY: test
test: ## Run every test, on the embedded engine and on AWS's own; installs what it needs below .tools
	tests/run

.PHONY: build
build: ## Build the function as Lambda runs it, and its zip
	tools/build

.PHONY: sim
sim: ## Build the simulator as one static file, for any Linux on x86-64
	rustup --quiet target add x86_64-unknown-linux-musl
	cargo build --quiet --release --locked --package iamport-sim --target x86_64-unknown-linux-musl
	@ls -l $${CARGO_TARGET_DIR:-target}/x86_64-unknown-linux-musl/release/iamport-sim

.PHONY: deploy
deploy: ## Build and deploy with SAM (the first time: make deploy ARGS=--guided)
	tools/setup deploy
	export PATH="$(CURDIR)/.tools/python/bin:$$PATH" SAM_CLI_TELEMETRY=0 GIT_COMMIT="$$(tools/commit)"; \
	  sam build && sam deploy $(ARGS)

.PHONY: sam-local
sam-local: ## Run every event through `sam local invoke` in a container (Docker; installs it on Debian)
	tools/sam-local

.PHONY: model
model: ## Explore the protocol exhaustively, further than `make test` does; prints states and depth
	WHOLE=true cargo test --quiet --test model -- --nocapture

.PHONY: planted
planted: ## Plant mistakes in a copy, one at a time, and show which test catches each
	tools/planted

.PHONY: chaos
chaos: ## Put every fault on every call, and storms, outages, rushes and crashes; prints tables (SEED=)
	tools/chaos

.PHONY: fuzz
fuzz: ## Fuzz every parser, SECONDS_EACH=60 each
	tools/fuzz

.PHONY: mutants
mutants: ## Plant mistakes by machine in all of src; four or five hours (SHARD=1/8 an eighth)
	tools/mutants

.PHONY: bench
bench: ## Measure the function beside its peers, and write docs/benchmark.svg (QUICK=1: under three minutes once built)
	bench/run

.PHONY: screenshots
screenshots: ## Make the pictures in docs/ anew, of the shop in a browser
	tools/screenshots

.PHONY: lint
lint: ## Check formatting, lints, licences and sources
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	tools/cargo-deny check bans licenses sources
