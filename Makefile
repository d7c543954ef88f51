.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

.PHONY: help
help: ## Explain every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

.PHONY: run
run: ## Start the shop on this machine, play a tour through it, keep serving (PORT=8080)
	cargo run --quiet --package local

.PHONY: test
test: ## Run every test, on the embedded engine and on AWS's own; installs what it needs below .tools
	tests/run

.PHONY: lint
lint: ## Check formatting, lints, licences and sources
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	tests/tools/cargo-deny check bans licenses sources
