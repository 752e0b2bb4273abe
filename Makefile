# Everything a person types. Each target does its own set-up; nothing but
# Python 3.11+ and make is asked for.
PYTHON ?= python3
VENV   := .venv
PEERS  := .venv-peers
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready

.PHONY: demo serve test test-offline prove bench lint types docs wheel lock clean setup browser front languages

demo: front
	$(BIN)/dreamweave demo

# A node on this machine, with its data and keys in this user's own folders.
serve: front
	$(BIN)/dreamweave serve --open

test: front browser
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The same suite in a network namespace of its own, with nothing but loopback.
test-offline: front browser
	unshare -rn sh -c 'ip link set lo up 2>/dev/null; exec $(BIN)/python -m pytest -n 2 --dist worksteal -m "not wheel"'

# The published goals: killed processes, cut power, full disks, random consent, canaries. About an hour.
prove: front browser
	DREAMWEAVE_PROVE=1 $(BIN)/python -m pytest --timeout 0 -n 2 --dist worksteal -s tests/prove tests/vault tests/web/test_openapi.py tests/web/test_in_browser.py

bench: front $(PEERS)/.ready
	$(BIN)/python -m bench

# What the benches compare with, in an environment of its own: none of it is ours.
$(PEERS)/.ready: bench/peers-requirements.txt | $(STAMP)
	$(BIN)/uv venv -q --clear --python $(BIN)/python $(PEERS)
	UV_LINK_MODE=copy $(BIN)/uv pip install -q --python $(PEERS)/bin/python --no-deps -r $<
	@touch $@

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy
	$(BIN)/python tools/front_types.py

docs: $(STAMP)
	$(BIN)/uv pip install -q --python $(BIN)/python zensical
	$(BIN)/zensical build --clean

wheel: $(STAMP)
	$(BIN)/uv build --wheel --no-build-isolation --python $(BIN)/python

setup: $(STAMP)

# The set-up builds the front end once; this builds it again when its sources have changed.
front: $(STAMP)
	@$(BIN)/python tools/build_front.py

# Gathers what is said on pages and brings the catalogues up to date.
languages: $(STAMP)
	$(BIN)/python tools/languages.py
	@$(BIN)/python tools/languages.py missing

$(STAMP): requirements.lock pyproject.toml tools/setup.sh
	PYTHON=$(PYTHON) sh tools/setup.sh $(VENV)
	@touch $@

browser: $(STAMP)
	@$(BIN)/python tools/get_browser.py

lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --extra print --extra postgres --group dev --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -o requirements.lock

clean:
	rm -rf $(VENV) $(PEERS) demo dist site front/node_modules src/dreamweave/dreamscape/static src/dreamweave/web/static src/dreamweave/web/locale/*/LC_MESSAGES/*.mo
