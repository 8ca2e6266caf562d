# make chat     sætter op, bygger indekset og åbner websiden
# make test     installerer og kører alle prøver
# make pages    de lange prøver af siderne i Chromium
# make servers  prøverne med en PostgreSQL med kopier og en klynge af arbejdere
# make eval     måler svar og søgning mod spørgsmålene i eval/
# make bench    måler tider (mere: bench-growth, bench-peers; bench-report skriver docs/performance.md)
# make soak     de lange prøver: drab, fulde diske, beskadigede filer, belastning
# make reliability  tæller efter, hvad prøverne i docs/reliability.md forsøgte og holdt
# make lint     det samme som pre-commit og CI: ruff, mypy, import-linter
# make build    bygger indekset uden at åbne siden
# make dev      alt til udvikling i ét hug
# make audit    leder efter kendte sårbarheder i det, der installeres
# make licences skriver docs/licences.md ud fra det, der er installeret
# make pins     skriver constraints.txt og requirements.lock ud fra det, der er installeret

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
URL := http://127.0.0.1:$(PORT)
# Any Python from 3.11; 3.11 itself first, because that is what the pinned set was tested with.
PYTHON ?= python3.11 python3 python3.12 python3.13 python3.14
# One more than there are cores here: tests of the page wait for the browser much of the time.
PYTEST_ARGS ?= -n 3 --dist loadfile

PIP := $(BIN)/python -m pip install --disable-pip-version-check
PINNED := pyproject.toml constraints.txt requirements.lock
# First everything that has one file for every machine of its kind, each file by its hash; then the project and
# torch, whose file differs (with or without CUDA), by version.
ALL := .[test,lint,eval]
define install
$(BIN)/python tools/lock.py select $(1) > $(VENV)/hashed.txt
$(PIP) --require-hashes --no-deps -r $(VENV)/hashed.txt
$(PIP) -c constraints.txt --no-build-isolation -e '$(2)'
endef

.PHONY: help chat test pages servers eval bench bench-growth bench-peers bench-report soak reliability lint build dev audit licences pins
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# make/make/p' Makefile

# An index that cannot be built is explained by the page too, so the page opens all the same.
# Streamlit opens no browser for an app that brings routes of its own; without a screen none is opened.
chat: $(VENV)/.installed
	@$(BIN)/python -c 'import socket, sys; sys.exit(not socket.socket().connect_ex(("127.0.0.1", $(PORT))))' || { \
	  echo "Port $(PORT) er optaget; vælg en anden: make chat PORT=8502" >&2; exit 1; }
	@$(BIN)/python -m assistant build || true
	@echo "Websiden er på $(URL) (Ctrl-C stopper den)"
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
	  for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do \
	    sleep 1; \
	    if $(BIN)/python -c 'import socket; socket.create_connection(("127.0.0.1", $(PORT)), 1)'; then \
	      $(BIN)/python -m webbrowser -t $(URL); \
	      break; \
	    fi; \
	  done >/dev/null 2>&1 & \
	fi; \
	exec $(BIN)/python -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT) \
	  --server.headless true --browser.gatherUsageStats false

build: $(VENV)/.installed
	@$(BIN)/python -m assistant build

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

pages: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m pages $(PYTEST_ARGS)

servers: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m servers -n 2 --dist loadfile

# The gate compares with eval/baselines/; a set without a baseline is run and reported only.
QUESTION_SETS := $(basename $(notdir $(wildcard eval/questions/*.jsonl)))
BASELINES := $(basename $(notdir $(wildcard eval/baselines/*.json)))

eval: $(VENV)/.installed-eval
	$(BIN)/python -m eval validate eval/questions/*.jsonl eval/known/*.jsonl
	@mkdir -p eval/runs
	@for set in $(QUESTION_SETS); do \
	  $(BIN)/python -m eval run --questions eval/questions/$$set.jsonl --output eval/runs/$$set.json && \
	  $(BIN)/python -m eval report eval/runs/$$set.json || exit 1; \
	done
	@$(BIN)/python -m eval table $(QUESTION_SETS:%=eval/runs/%.json)
	@$(if $(BASELINES),$(BIN)/python -m eval gate $(BASELINES:%=eval/runs/%.json))

# KEEP=1 keeps the figures of this machine for docs/performance.md.
bench: $(VENV)/.installed
	$(BIN)/python -m eval.bench $(if $(KEEP),--output eval/bench/results/laptop.json)

SIZES ?= 100 1000 10000
bench-growth: $(VENV)/.installed
	$(BIN)/python -m eval.bench.growth --sizes $(SIZES)

bench-peers: $(VENV)/.installed
	$(BIN)/python -m eval.bench.peers

bench-report: $(VENV)/.installed
	$(BIN)/python -m eval.bench.report

soak: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m soak -n 2 --dist loadfile

REPORT := .pytest_cache/reliability.xml
reliability: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m "soak or not soak" -n 2 --dist loadfile --junitxml=$(REPORT) \
	  $$($(BIN)/python tools/reliability.py files)
	@$(BIN)/python tools/reliability.py count $(REPORT)

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

dev: $(VENV)/.installed-dev

audit: $(VENV)/.installed-lint
	@$(BIN)/python tools/audit.py

licences: $(VENV)/.installed
	@$(BIN)/python tools/licences.py

pins: $(VENV)/.installed-dev
	$(BIN)/python -m pip freeze --all --exclude pip --exclude-editable | sed 's/+cpu$$//' > constraints.txt.new
	{ sed -n '/^#/p' constraints.txt; cat constraints.txt.new; } > constraints.txt.tmp
	mv constraints.txt.tmp constraints.txt && rm constraints.txt.new
	$(BIN)/python -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install -q uv
	UV=$(VENV)/lock/bin/uv $(BIN)/python tools/lock.py write && touch $(VENV)/.installed*

# Installation. A stamp for every set: done again only when what is pinned has changed.
$(BIN)/python:
	@for python in $(PYTHON); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Opretter $(VENV) med $$("$$python" --version)"; \
	    "$$python" -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "Python kunne ikke oprette et virtuelt miljø (på Debian og Ubuntu: apt install python3-venv)." >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "Der skal bruges Python 3.11 eller nyere; fundet: $$(python3 --version 2>&1 || true)." >&2; \
	echo "Installér en nyere, eller peg på den: make PYTHON=/sti/til/python3.11 ..." >&2; \
	exit 1

# The page "Evaluering" draws its plots with what belongs to the evaluation.
$(VENV)/.installed: $(PINNED) | $(BIN)/python
	@echo "Installerer i $(VENV); første gang tager det nogle minutter"
	$(call install,run eval,.[eval])
	@touch $@

$(VENV)/.installed-test: $(PINNED) | $(BIN)/python
	$(call install,run test,.[test])
	@touch $(VENV)/.installed $@

$(VENV)/.installed-lint: $(PINNED) | $(BIN)/python
	$(call install,run lint,.[lint])
	@touch $(VENV)/.installed $@

$(VENV)/.installed-eval: $(PINNED) | $(BIN)/python
	$(call install,run eval,.[eval])
	@touch $(VENV)/.installed $@

$(VENV)/.installed-dev: $(PINNED) | $(BIN)/python
	$(call install,run test lint eval,$(ALL))
	@touch $(VENV)/.installed $(VENV)/.installed-test $(VENV)/.installed-lint $(VENV)/.installed-eval $@
