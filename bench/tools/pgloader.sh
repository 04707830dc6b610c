#!/bin/sh
# Loads a CSV with a header into the empty table bookings, with pgloader's default settings.
#
#     CSV=FILE TOOLS=FOLDER DATABASE_URL=postgresql://… bench/tools/pgloader.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$TOOLS/deb/usr/lib/$(uname -m)-linux-gnu"
exec "$TOOLS/pgloader" --root-dir "$TOOLS/pgloader-root" --on-error-stop "$here/bookings.load"
