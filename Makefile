# `make crawl` and `make test` do all their own set-up in .venv and work offline once its packages are there.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help crawl check test soak bench compile wheel fixtures messages clean setup setup-dev setup-render

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .venv-bench
BIN := $(VENV)/bin
# the stamps change with what they stand for, so a changed pin installs again and an unchanged one never does
RUNTIME_STAMP := $(VENV)/.installed-$(shell cat requirements.txt requirements-web.txt | cksum | cut -d' ' -f1)
RENDER_STAMP := $(VENV)/.installed-render-$(shell cat requirements-render.txt | cksum | cut -d' ' -f1)
DEV_STAMP := $(VENV)/.installed-dev-$(shell cat requirements.txt requirements-web.txt requirements-render.txt requirements-export.txt requirements-compile.txt requirements-dev.txt \
	| cksum | cut -d' ' -f1)
# worksteal: crawls take seconds, most other tests milliseconds
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal
BENCH_STAMP := $(BENCH_VENV)/.installed-$(shell cat requirements-bench.txt | cksum | cut -d' ' -f1)

define LINT
$(BIN)/ruff format --check .
$(BIN)/ruff check .
$(BIN)/mypy
endef

help:
	@echo 'make crawl         crawl two invented sites from fixtures/ into MongoDB, offline, and show the articles'
	echo 'make check         format, lint, types, import rules and the tests that need no server: within a minute'
	echo 'make test          all checks and all tests, with MongoDB, crawls, scrapyd and Chromium: some minutes'
	echo 'make soak          the long form of the tests that have one: kills, faults and random pages by the thousand'
	echo 'make compile       page code as C now, which `make crawl` has made in the background: needs gcc and Python headers'
	echo 'make wheel         a wheel with that code in dist/'
	echo 'make bench         the benchmarks, side by side with other tools where these can be installed'
	echo 'make setup-render  install what RENDER=1 needs: Playwright, and as root a Chromium'
	echo 'make fixtures      write the invented sites of fixtures/ anew'
	echo 'make clean         remove what the commands above have made, the private database in data/ included'

crawl: $(RUNTIME_STAMP)
	@$(BIN)/python .ci/compile.py --background
	$(BIN)/scrapy crawl linhe -s REPLAY=fixtures/linhe
	$(BIN)/scrapy crawl qingshan -s REPLAY=fixtures/qingshan
	echo
	$(BIN)/scrapy articles list
	echo
	echo 'Look further:'
	echo '  $(BIN)/scrapy serve                                      all of this in a browser: http://127.0.0.1:8000/'
	echo '  $(BIN)/scrapy articles list --site linhe-news.example    the articles of one site'
	echo '  $(BIN)/scrapy articles search "记者 -老人"                full text, in either script'
	echo '  $(BIN)/scrapy articles show 1                            the first of the list above, with its related links'
	echo '  $(BIN)/scrapy articles export -o articles.csv            all of them as a table'
	echo '  $(BIN)/scrapy articles stats                             counts and coverage of the fields'
	echo '  $(BIN)/scrapy crawl news -a url=https://example.com/     a site of your own'

check: $(DEV_STAMP)
	@$(LINT)
	$(PYTEST) -m 'not server'

test: $(DEV_STAMP)
	@$(LINT)
	$(PYTEST) --durations=10 --durations-min=5

soak: $(DEV_STAMP)
	@$(PYTEST) -m soak --soak --durations=0 --durations-min=5

bench: $(DEV_STAMP) $(BENCH_STAMP)
	@for script in crawl store dedupe discovery search; do
	  echo "== benchmarks/$$script.py"
	  $(BIN)/python benchmarks/$$script.py
	done
	if [ -d ../shared/corpus ]; then
	  $(BIN)/python benchmarks/extraction.py ../shared/corpus/html ../shared/corpus/gold.jsonl
	fi

compile: $(RUNTIME_STAMP)
	@$(BIN)/python .ci/compile.py
	$(BIN)/scrapy version -v | grep newsspider

wheel: $(RUNTIME_STAMP)
	@$(BIN)/python .ci/compile.py --wheel
	ls dist/*.whl

messages: $(DEV_STAMP)
	@$(BIN)/pybabel --quiet compile --domain newsspider --directory newsspider/locale

fixtures: $(RUNTIME_STAMP)
	@$(BIN)/python benchmarks/invented_sites.py --write fixtures/

setup: $(RUNTIME_STAMP)
	@$(BIN)/python .ci/compile.py --background
setup-dev: $(DEV_STAMP)
setup-render: $(RENDER_STAMP)
	@.ci/system-packages chromium

$(BIN)/python:
	@.ci/system-packages
	$(PYTHON) -m venv $(VENV)

$(RUNTIME_STAMP): | $(BIN)/python
	@.ci/system-packages
	echo 'installing the packages of requirements.txt and requirements-web.txt into $(VENV), once: a minute or two'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-web.txt
	find newsspider -name '*.so' -not -path '*/_compiled/*' -delete  # of versions that compiled in place
	printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom newsspider.cli.program.main import main\nsys.exit(main())\n' \
	  '$(CURDIR)/$(BIN)/python' '$(CURDIR)' >$(BIN)/newsspider  # the commands, in any folder
	chmod +x $(BIN)/newsspider
	touch $@

$(RENDER_STAMP): $(RUNTIME_STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-render.txt
	touch $@

$(DEV_STAMP): $(RUNTIME_STAMP)
	@.ci/system-packages chromium || echo 'no Chromium: the tests of RENDER are skipped' >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(BENCH_STAMP):
	@.ci/system-packages
	$(PYTHON) -m venv $(BENCH_VENV)
	# older ones stop at lxml[html_clean] and lxml[html-clean], which mean the same
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25'
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	touch $@

clean:
	@! test -x $(BIN)/scrapy || $(BIN)/scrapy mongod stop >/dev/null 2>&1 || true
	rm -rf $(VENV) $(BENCH_VENV) newsspider/_compiled data logs build dist eggs dbs project.egg-info .scrapy .hypothesis
	rm -rf .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
