#!/bin/sh
# Write and check a backup in FOLDER, with the tombstones of today; delete backups older than KEEP_DAYS (default 14).
# The tombstones of the day stand beside each backup, those of the newest one hold for all: deploy/backup.sh FOLDER
set -eu
folder=${1:?usage: deploy/backup.sh FOLDER}
scrapy=${SCRAPY:-.venv/bin/scrapy}
name=newsspider-$(date -u +%Y%m%dT%H%M%SZ).bson.gz
mkdir -p "$folder"
"$scrapy" backup write "$folder/$name"
"$scrapy" backup check "$folder/$name"
cp "$folder/$name.tombstones.jsonl" "$folder/tombstones.tmp"
mv "$folder/tombstones.tmp" "$folder/tombstones.jsonl"
# only once a newer one has been checked
find "$folder" -maxdepth 1 -name 'newsspider-*.bson.gz*' -mtime +"${KEEP_DAYS:-14}" -delete
