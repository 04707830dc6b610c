#!/bin/sh
# Loads a CSV with a header into the empty table bookings, with dlt's default settings, as Arrow tables.
#
#     CSV=FILE TOOLS=FOLDER DATABASE_URL=postgresql://… bench/tools/dlt.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export RUNTIME__DLTHUB_TELEMETRY=false DLT_DATA_DIR="$TOOLS/dlt"
rm -rf "$DLT_DATA_DIR"
exec "$TOOLS/venv/bin/python" "$here/dlt_load.py"
