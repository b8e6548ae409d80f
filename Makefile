# Each target is a script in scripts/: look there for what it does.
.DEFAULT_GOAL := help
.PHONY: help setup run demo test lint fmt bench fuzz mutants soak static proofs gas coverage bindings web web-test package scale-test clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## Check the tools and install the pinned packages
	@scripts/setup

run: setup ## Run OffPay on this machine: chain, contracts, server, two example users; Ctrl-C stops it
	@scripts/run

demo: setup ## Play one offline payment from deployment to settlement
	@scripts/demo

test: setup ## Run every test, the coverage and gas gates, and the demo
	@scripts/test

lint: setup ## Check formats, warnings, docs, contract sizes, dependencies
	@scripts/lint

fmt: setup ## Format Rust and Solidity
	@scripts/fmt

bench: setup ## Measure paying, accepting, and how many payments a second the server clears
	@scripts/bench

fuzz: setup ## Fuzz the decoders, the proofs, the API, the follower and the wallet, FUZZ_SECONDS each
	@scripts/fuzz

mutants: setup ## Change the protocol and the wallet in every place, one at a time: does a test notice?
	@scripts/mutants

soak: setup ## Simulate, plant bugs, break and kill the server under load, for SOAK_SECONDS
	@scripts/soak

static: setup ## Look for known mistakes in the contracts
	@scripts/static

proofs: setup ## Prove solvency and more of the contract's core operations
	@scripts/proofs

gas: setup ## Measure gas anew and write contracts/snapshots
	@scripts/gas

coverage: setup ## Measure the coverage of the contracts
	@scripts/coverage

bindings: setup ## Write the contracts' ABI and bytecode into crates/chain/abi
	@scripts/bindings

web: setup ## Build the web app into web/dist
	@scripts/web

web-test: setup ## Play the web app in real browsers, against the real server
	@scripts/web-test

package: setup ## Build what is released: the program, a Debian package, the list of what is in it
	@scripts/package

scale-test: setup ## Three servers over a PostgreSQL that fails over, under load: is anything lost or done twice?
	@scripts/scale-test

clean: ## Remove everything that was built or installed
	@scripts/clean
