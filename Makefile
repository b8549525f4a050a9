# Two commands for a newcomer: `make demo` and `make test`. Each installs what it needs into .venv.
.POSIX:
.PHONY: demo up test faults check lint types browser clean bench-install

PYTHON ?= python3
VENV = .venv
RUN = $(VENV)/bin/python
ARGS =

# The first python that is new enough; a newcomer's `python3` may be an old one.
$(VENV)/bin/python:
	@found=""; for candidate in "$(PYTHON)" python3.13 python3.12 python3.11 python3; do \
	  if command -v $$candidate >/dev/null 2>&1 && $$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; \
	  then found=$$candidate; break; fi; done; \
	if [ -z "$$found" ]; then \
	  echo "relmail needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1). Install one, or name it: make demo PYTHON=/path/to/python3.11"; \
	  exit 1; fi; \
	echo "Making $(VENV) with $$($$found --version)"; \
	$$found -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$$found has no venv module. On Debian and Ubuntu: apt install python3-venv (or python3.11-venv), then again."; exit 1; }

$(VENV)/.run: $(VENV)/bin/python requirements.txt constraints.txt
	@echo "Installing requirements.txt into $(VENV) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@echo "Installing requirements-dev.txt into $(VENV) ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@

demo: $(VENV)/.run  ## walk a release from Jira to inboxes, with no account and no service
	@$(RUN) manage.py demo $(ARGS)

up: $(VENV)/.run  ## run relmail in one process on its own database
	@$(RUN) manage.py up $(ARGS)

test: $(VENV)/.dev  ## the whole suite that needs Python alone
	@$(RUN) -m pytest -n 2 -m "not browser" $(ARGS)

browser: $(VENV)/.dev  ## the tests of pages in Chromium (Debian's package chromium)
	@RELMAIL_REQUIRE=browser $(RUN) -m pytest -n 2 -m browser $(ARGS)

faults: $(VENV)/.dev  ## kill, cut and restart what relmail needs, on servers of its own; prints one line a fault
	@$(RUN) -m pytest faults $(ARGS)

check: lint types
	@$(RUN) manage.py makemigrations --check --dry-run

lint: $(VENV)/.dev
	@$(RUN) -m ruff check . && $(RUN) -m ruff format --check .

types: $(VENV)/.dev
	@$(RUN) -m mypy

bench-install: $(VENV)/.dev bench/requirements.txt  ## the senders that bench/send.py compares relmail with
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt -c constraints.txt

clean:
	rm -rf $(VENV) var
