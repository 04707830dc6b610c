#!/bin/sh
# Loads a CSV with a header into the empty table bookings, with sling's default settings. Its default mode would
# make the table anew; `truncate` keeps the one that is there.
#
#     CSV=FILE TOOLS=FOLDER DATABASE_URL=postgresql://… bench/tools/sling.sh
set -eu
export SLING_HOME_DIR="$TOOLS/sling-home" DESTINATION="$DATABASE_URL?sslmode=disable"
exec "$TOOLS/sling" run --src-stream "file://$CSV" --tgt-conn DESTINATION \
    --tgt-object public.bookings --mode truncate
