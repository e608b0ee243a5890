# The door for people: each target is one command, and `make help` reads this file.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# dev builds in a minute or two; release takes longer to build and is what production runs.
PROFILE ?= dev

# By program, not by package: cargo chooses the features of dependencies by what is selected, and with one selection for all programs
# they share what is built.
API := cargo run --quiet --bin albedo-api --profile $(PROFILE) --
GENERATE := cargo run --quiet --bin albedo-generate --
DB := cargo run --quiet --bin db --
VERSIONS := $(wildcard migration/versions/*.rs)

.PHONY: run admin doctor db-create db-create-empty db-create-branch db-merge db-migrate db-rollback db-downgrade
.PHONY: db-redo db-reset db-stamp db-status db-current db-history db-show db-heads db-branches db-graph
.PHONY: db-sql db-verify db-setup db-setup-reset db-create-database db-drop-database db-reset-tables
.PHONY: new-resource destroy-resource
.PHONY: db-lint db-erd db-prepare db-seed db-schema-dump db-schema-load db-diff db-check db-squash fmt check test clients tutorial openapi contract bench bench-migrate bench-cursors bench-cost docs clean help

# What stands on make's command line goes to the environment as it was typed, and recipes take it from there, so neither make nor the
# shell reads a word of it. What stands elsewhere does not count: WSL calls NAME what the machine is called.
$(foreach name,NAME EMAIL PARENT FIELDS REVISION RANGE STEP FROM TO INPUT OUTPUT,$(eval override $(name) := $(if \
	$(filter command,$(origin $(name))),$$(value $(name))))$(if $(value $(name)),$(eval export $(name))))

# A variable that a target cannot do without, and one that it can, behind its option.
given = $(if $($(1)),,$(error which? make $@ $(1)="..."))"$$$(1)"
maybe = $(if $($(1)),$(2) "$$$(1)")

# Whether a switch is on; FORCE=0 says that it is not.
on = $(filter 1 yes true on,$($(1)))

##@ Serve

run: ## Build, migrate and serve on port 4000; PROFILE=release for full speed
	cargo run --bin albedo-api --profile $(PROFILE)

admin: ## Create an admin: EMAIL=you@example.com; asks for the password, or reads ALBEDO_ADMIN_PASSWORD
	$(API) admin create --email $(call given,EMAIL)

doctor: ## Look for what is wrong or weak: settings, database, services, machine
	$(API) doctor

##@ Migrations: make them

db-create: ## Make a revision of what the entities changed: NAME="create users table" [OPTIONS="--rename a.b=c"]
	$(DB) create $(call given,NAME) $(OPTIONS)

db-create-empty: ## Make an empty revision: NAME="add custom function"
	$(DB) create-empty $(call given,NAME)

db-create-branch: ## Branch off any revision: NAME="fix" PARENT="abc123"
	$(DB) create-branch $(call given,NAME) --parent $(call given,PARENT)

db-squash: ## Put one revision in the place of several: RANGE="abc:xyz" [NAME="create the library"] [OPTIONS="--without-data"]
	$(DB) squash $(call given,RANGE) $(call maybe,NAME,-m) $(OPTIONS)

db-merge: ## Join all heads into one, or those named: [REVISION="abc xyz"] [NAME="merge"]
	$(DB) merge $${REVISION-} $(call maybe,NAME,-m)

##@ Migrations: run them on DATABASE_URL

db-migrate: ## Apply all pending revisions, or those up to one: [REVISION="abc"]
	$(DB) migrate $(call maybe,REVISION)

db-rollback: ## Take back what was applied last: [STEP=3]
	$(DB) rollback $(call maybe,STEP,--step)

db-downgrade: ## Take back what comes after a revision: REVISION="abc"
	$(DB) downgrade $(call given,REVISION)

db-redo: ## Take back what was applied last, and apply it again: [STEP=2]
	$(DB) redo $(call maybe,STEP,--step)

db-reset: ## Take everything back and apply it again; all rows are lost
	$(DB) reset

db-stamp: ## Mark as applied without running: REVISION="abc123"
	$(DB) stamp $(call given,REVISION)

##@ Migrations: look

# Exit code 3 says that some are pending: an answer, not a fault.
db-status: ## Show every revision and whether it is applied
	$(DB) status || [ $$? = 3 ]

db-current: ## Show where the database is
	$(DB) current

db-history: ## List the revisions: [RANGE="abc:xyz"]
	$(DB) history $(call maybe,RANGE,-r)

db-show: ## Show one revision: REVISION="abc123"
	$(DB) show $(call given,REVISION)

db-heads: ## List the heads
	$(DB) heads

db-branches: ## List where the history divides
	$(DB) branches

db-graph: ## Draw the history
	$(DB) graph

db-sql: ## Print SQL instead of running it: [REVISION="abc"] [OUTPUT="migration.sql"]
	$(DB) sql $(call maybe,REVISION) $(call maybe,OUTPUT,--output)

db-verify: ## Check graph, checksums, a replay of the history, every downgrade, and the database
	$(DB) verify

db-lint: ## Tell what may hurt a database in use, and the safe way: [REVISION="abc"] [RANGE="abc:xyz"] [FIX=1]
	$(DB) lint $(or $(call maybe,RANGE),$(call maybe,REVISION)) $(if $(call on,FIX),--fix)

db-check: ## Fail when the entities and the revisions differ; needs no database
	$(DB) check

# Exit code 3 says that they differ: an answer, not a fault.
db-diff: ## Tell what differs between two schemas: FROM=history TO=database (or entities, history@abc, a URL, a .sql file)
	$(DB) diff $(call given,FROM) $(call given,TO) || [ $$? = 3 ]

db-erd: ## Draw the tables and their foreign keys into docs/erd.svg: [REVISION="abc"] [OUTPUT="erd.svg"]
	$(DB) erd $(call maybe,REVISION) --format svg --output "$${OUTPUT:-docs/erd.svg}"

##@ Databases

db-setup: ## Make the database and apply everything
	$(DB) setup

db-setup-reset: ## Drop all tables and apply everything; all rows are lost
	$(DB) setup-reset

db-create-database: ## Make the database that DATABASE_URL names
	$(DB) create-database

db-drop-database: ## Drop the database that DATABASE_URL names
	$(DB) drop-database

db-reset-tables: ## Drop all tables and forget what was applied
	$(DB) reset-tables

db-prepare: ## Make the database if it is missing, apply what is pending, seed a new one
	$(DB) prepare

db-seed: ## Fill the database with its first rows
	$(DB) seed

db-schema-dump: ## Write the schema down as SQL that psql or sqlite3 loads: [REVISION="abc"] [OUTPUT="schema.sql"]
	$(DB) schema-dump $(call maybe,REVISION,--revision) $(call maybe,OUTPUT,--output)

db-schema-load: ## Make a new database of a schema that was written down: INPUT="schema.sql"
	$(DB) schema-load $(call given,INPUT)

##@ Resources

new-resource: ## Write a resource: NAME=river FIELDS='name:string!^ length:bigint' [PARENT=assistant] [OWNER=1] [DRY_RUN=1] [OPTIONS="..."]
	@$(GENERATE) new $(call given,NAME) --fields "$${FIELDS-}" $(call maybe,PARENT,--parent) $(if $(call on,OWNER),--owner) \
		$(if $(call on,DRY_RUN),--dry-run) $(OPTIONS)

destroy-resource: ## Take out again what new-resource wrote: NAME=river [DRY_RUN=1] [FORCE=1]
	@$(GENERATE) destroy $(call given,NAME) $(if $(call on,FORCE),--force) $(if $(call on,DRY_RUN),--dry-run)

##@ Develop

fmt: ## Format all sources
	cargo fmt --all
	$(if $(VERSIONS),rustfmt $(VERSIONS))

check: ## Look for faults without running anything: format, clippy, entities and revisions, documentation, dependencies
	cargo fmt --all --check
	$(if $(VERSIONS),rustfmt --check $(VERSIONS))
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --package albedo-api --features otlp -- -D warnings
	$(DB) check
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
	scripts/cargo-deny

test: ## Install the services that the tests need, run all tests on all of them, try the clients, and do the tutorial
	scripts/install-test-services
	ALBEDO_TEST_SERVICES=required cargo test --workspace
	scripts/clients
	ALBEDO_TEST_SERVICES=required scripts/tutorial

tutorial: ## Do what docs/tutorial.md says, in a copy; make, test and destroy three resources there
	scripts/tutorial

clients: ## Make the TypeScript and the Python client of docs/openapi.json, and run a story with each
	scripts/clients

openapi: ## Write docs/openapi.json anew; refused where that breaks its clients, but for BREAKING=1
	$(if $(call on,BREAKING),,$(API) openapi --against docs/openapi.json)
	trap 'rm -f docs/openapi.json.new' EXIT; \
		$(API) openapi --pretty > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

contract: ## Hold a running server against its own OpenAPI document, with schemathesis
	scripts/contract

bench: ## Compare the speed with a bare peer (PEER_DIR), and measure start-up and memory
	bench/compare

bench-migrate: ## Time the migration engine beside Alembic, which pip installs into a temporary folder
	bench/migrate

bench-cursors: ## Time pages of a million rows, near and far, by cursor beside page number, on both databases
	bench/cursors

bench-cost: ## Time what twenty-one more resources cost in building, from nothing and after edits
	bench/cost

docs: ## Build the documentation of the crates and open it
	cargo doc --workspace --no-deps --open

clean: ## Remove everything that was built or installed here; databases stay
	cargo clean
	rm -rf .tools clients/typescript/node_modules clients/*/generated

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
