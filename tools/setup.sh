#!/bin/sh
# Set up the environment in $1: uv by pip, everything else by hash from
# requirements.lock, then this package in place (which builds the front end).
set -eu
venv=$1
${PYTHON:-python3} -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dreamweave needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
[ -x "$venv/bin/python" ] || ${PYTHON:-python3} -m venv "$venv" || {
  echo "Python could not make a virtual environment. On Debian or Ubuntu: apt install python3-venv" >&2
  exit 1
}
"$venv/bin/python" -m pip install -q --disable-pip-version-check uv
export UV_LINK_MODE=copy
"$venv/bin/uv" pip install -q --python "$venv/bin/python" --require-hashes -r requirements.lock
"$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation -e .
