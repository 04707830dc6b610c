#!/bin/sh
# Puts the tools that loads are compared with into a folder, and says what each is:
#
#     bench/tools/prepare.sh target/bench/tools
#
# Nothing is installed on the machine. sling and dlt come from PyPI into a virtual environment, pgloader is Debian's
# package, unpacked (it needs libssl3 and libsqlite3-0, which Debian has, and libsybdb5 of the package freetds). A
# line `NAME VERSION` says that a tool is there, a line `NAME: why` that it is not.
set -u
folder=$1
mkdir -p "$folder/deb"
cd "$folder" || exit 1

[ -x venv/bin/python ] || python3 -m venv venv >&2

# The newest sling downloads its program from GitHub when it first runs. Where that cannot be reached, the newest
# program that PyPI itself has is taken.
export SLING_HOME_DIR="$PWD/sling-home"
if ! ./sling --version >/dev/null 2>&1; then
    venv/bin/python -m pip install --quiet sling >&2
    ln -sf venv/bin/sling sling
    if ! ./sling --version >/dev/null 2>&1; then
        venv/bin/python -m pip install --quiet sling-linux-amd64 >&2
        ln -sf venv/lib/python3*/site-packages/sling_linux_amd64/bin/sling-linux-amd64 sling
        chmod +x sling
    fi
fi
if version=$(./sling --version 2>/dev/null); then
    echo "sling $(echo "$version" | grep -o '[0-9][0-9.]*' | head -1)"
else
    echo "sling: neither GitHub nor PyPI gave its program"
fi

venv/bin/python -c 'import dlt, pyarrow, psycopg2' 2>/dev/null ||
    venv/bin/python -m pip install --quiet 'dlt[postgres]==1.31.*' pyarrow >&2
venv/bin/python -c 'import dlt; print("dlt", dlt.__version__)' 2>/dev/null ||
    echo "dlt: PyPI did not give dlt[postgres]==1.31.*"

if command -v pgloader >/dev/null; then
    ln -sf "$(command -v pgloader)" pgloader
elif [ ! -x pgloader ] && command -v apt-get >/dev/null; then
    (cd deb && apt-get download pgloader libsybdb5 >/dev/null 2>&1
        for package in *.deb; do dpkg -x "$package" .; done) >&2
    ln -sf deb/usr/bin/pgloader pgloader
fi
if version=$(LD_LIBRARY_PATH="$PWD/deb/usr/lib/$(uname -m)-linux-gnu" ./pgloader --version 2>/dev/null); then
    echo "pgloader $(echo "$version" | grep -o '[0-9][0-9.]*[~a-z]*' | head -1)"
else
    echo "pgloader: neither installed nor to be had with apt-get download"
fi
