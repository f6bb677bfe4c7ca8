#!/bin/sh
# Installs what building (and with --test or --regression testing, with --bench measuring) Upshift needs and this machine
# lacks.
set -eu

missing=""
need() { missing="$missing $*"; }

command -v cc >/dev/null 2>&1 || need gcc libc6-dev
command -v python3 >/dev/null 2>&1 || need python3
# The backing server of the examples.
[ -e /usr/include/sqlite3.h ] || need libsqlite3-dev
command -v pkg-config >/dev/null 2>&1 || need pkg-config
# The workers embed CPython: its headers are not used, its shared library is.
python3 - <<'PY' 2>/dev/null || need python3 python3-dev libpython3.11-dev
import glob, sys, sysconfig
assert sys.version_info[:2] == (3, 11)
name = sysconfig.get_config_var("LDLIBRARY")
assert sysconfig.get_config_var("Py_ENABLE_SHARED")
assert any(glob.glob(f"{sysconfig.get_config_var(place)}/{name}") for place in ("LIBDIR", "LIBPL"))
PY
python3 -c 'import ensurepip' >/dev/null 2>&1 || need python3-venv
if [ "${1:-}" = "--test" ]; then
    command -v chromium >/dev/null 2>&1 || need chromium
    command -v chromedriver >/dev/null 2>&1 || need chromium-driver
    command -v valgrind >/dev/null 2>&1 || need valgrind
    command -v node >/dev/null 2>&1 || need nodejs
    command -v npm >/dev/null 2>&1 || need npm
fi

if [ "${1:-}" = "--bench" ]; then
    command -v pypy3 >/dev/null 2>&1 || need pypy3
    command -v wrk >/dev/null 2>&1 || need wrk
    [ -e /usr/include/python3.11/Python.h ] || need python3-dev
fi

if [ "${1:-}" = "--regression" ]; then
    python3 -c 'import test.test_heapq' 2>/dev/null || need libpython3.11-testsuite
fi

if [ -n "$missing" ]; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    echo "installing:$missing"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

python3 -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v == (3, 11) else "Upshift needs CPython 3.11; python3 here is %d.%d: put a python3.11 first on the PATH as python3" % v)'
# The packages that the examples import.
if ! .venv/bin/python3 -c 'import requests, httpx' >/dev/null 2>&1; then
    python3 -m venv --clear .venv
    .venv/bin/python3 -m pip install --quiet --disable-pip-version-check --requirement examples/requirements.txt
fi
if [ "${1:-}" = "--test" ]; then
    rustup component add clippy rustfmt >/dev/null 2>&1 || true
    # The client that tests/openwhisk_npm drives a daemon with, and what makes requests of docs/openapi.json.
    if ! cmp -s tests/openwhisk_npm/package-lock.json tests/openwhisk_npm/node_modules/.installed; then
        npm ci --prefix tests/openwhisk_npm --no-audit --no-fund --loglevel=error >/dev/null
        cp tests/openwhisk_npm/package-lock.json tests/openwhisk_npm/node_modules/.installed
    fi
    if ! cmp -s tests/openapi/requirements.txt target/openapi-venv/.installed; then
        mkdir -p target
        python3 -m venv --clear target/openapi-venv
        target/openapi-venv/bin/python3 -m pip install --quiet --disable-pip-version-check --requirement tests/openapi/requirements.txt
        cp tests/openapi/requirements.txt target/openapi-venv/.installed
    fi
fi
# Apart from the packages that functions import.
if [ "${1:-}" = "--bench" ] && ! target/bench-venv/bin/python3 -c 'import mypyc, granian, fastapi, flask, gevent, functions_framework, orjson, uvicorn' >/dev/null 2>&1; then
    mkdir -p target
    python3 -m venv --clear target/bench-venv
    target/bench-venv/bin/python3 -m pip install --quiet --disable-pip-version-check --requirement benches/requirements.txt
fi
