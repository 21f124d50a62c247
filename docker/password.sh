#!/bin/sh
# Writes PostgreSQL's password once, for PostgreSQL and newsmill to read: POSTGRES_PASSWORD, else a random one.
# Every container that mounts the volume can read it, no other.
set -eu
file=/run/newsmill/postgres-password
[ ! -s "$file" ] || exit 0
umask 022
printf %s "${POSTGRES_PASSWORD:-$(tr -dc a-zA-Z0-9 </dev/urandom | head -c 32)}" >"$file.new"
mv "$file.new" "$file"
