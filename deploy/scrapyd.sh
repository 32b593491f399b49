#!/bin/sh
# Start scrapyd in the folder SCRAPYD_DIR (default ./data/scrapyd): SCRAPYD_PASSWORD=... deploy/scrapyd.sh
# It refuses to start without a password: whoever reaches it can deploy, that is, run code of his own.
set -eu
: "${SCRAPYD_PASSWORD:?is not set}"
export SCRAPYD_PASSWORD SCRAPYD_USERNAME="${SCRAPYD_USERNAME:-newsspider}"
folder=${SCRAPYD_DIR:-data/scrapyd}
mkdir -p "$folder"
cp "$(dirname "$0")/scrapyd.conf" "$folder/scrapyd.conf"
cd "$folder"
exec scrapyd --pidfile= "$@"
