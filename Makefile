# Thin: each target is one line of what CI also runs. Everything sets itself up; only Python 3.11 and pip are needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench serve setup openapi pictures image-test
setup: .venv/.ready

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev,openvino]"
	touch $@

demo: setup  ## Summarize the sample article with the embedded default model
	@$(BIN)/summarizer models pull
	@$(BIN)/summarizer summarize examples/article.txt

test: setup  ## Pull the embedded models and run every test
	@$(BIN)/summarizer models pull
	@$(BIN)/summarizer models pull smollm2-135m-judge
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## Measure speed side by side; BENCH="--quick --data FILE" and other options
	@$(BIN)/summarizer models pull
	$(BIN)/python benchmarks/speed.py $(BENCH)

serve: setup
	$(BIN)/summarizer serve

openapi: setup  ## Write docs/openapi.json again, after the HTTP interface changed
	$(BIN)/python tests/architecture/test_openapi.py

pictures: setup  ## Draw README's pictures of the page again; needs Chromium
	@$(BIN)/summarizer models pull
	$(BIN)/python docs/pictures.py

image-test:  ## Build the image and run it; see .ci/image-test for what that needs
	.ci/image-test
