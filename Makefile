# The door for people: each target is one command, and `make help` reads this file.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# dev builds in a minute or two; release takes longer to build and is what production runs.
PROFILE ?= dev
STEP ?= 1

API := cargo run --quiet --package albedo-api --bin albedo-api --profile $(PROFILE) --
DB := cargo run --quiet --package migration --bin db --
VERSIONS := $(wildcard migration/versions/*.rs)

.PHONY: help run admin db-migrate db-rollback db-status db-reset fmt check test contract bench docs clean

##@ Serve

run: ## Build, migrate and serve on port 4000; PROFILE=release for full speed
	cargo run --package albedo-api --bin albedo-api --profile $(PROFILE)

admin: ## Create an admin: EMAIL=you@example.com; asks for the password, or reads ALBEDO_ADMIN_PASSWORD
	$(API) admin create --email "$(or $(EMAIL),$(error which address? make admin EMAIL=you@example.com))"

##@ Database

db-migrate: ## Apply all pending migrations to DATABASE_URL
	$(DB) migrate

db-rollback: ## Take back the last migration; STEP=3 for the last three
	$(DB) rollback --step $(STEP)

# Exit code 3 says that some are pending: an answer, not a fault.
db-status: ## Show which migrations are applied
	$(DB) status || [ $$? = 3 ]

db-reset: ## Take back every migration and apply them again; all rows are lost
	$(DB) reset

##@ Develop

fmt: ## Format all sources
	cargo fmt --all
	$(if $(VERSIONS),rustfmt $(VERSIONS))

check: ## Look for faults without running anything: format, clippy, documentation, dependencies
	cargo fmt --all --check
	$(if $(VERSIONS),rustfmt --check $(VERSIONS))
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
	scripts/cargo-deny

test: ## Install the services that the tests need, then run all tests on all of them
	scripts/install-test-services
	ALBEDO_TEST_SERVICES=required cargo test --workspace

contract: ## Hold a running server against its own OpenAPI document, with schemathesis
	scripts/contract

bench: ## Compare the speed with a bare peer (PEER_DIR), and measure start-up and memory
	bench/compare

docs: ## Build the documentation of the crates and open it
	cargo doc --workspace --no-deps --open

clean: ## Remove everything that was built or installed here; databases stay
	cargo clean
	rm -rf .tools

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
