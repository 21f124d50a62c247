#!/bin/sh
# Writes PostgreSQL's password, once, where PostgreSQL and newsmill read it: POSTGRES_PASSWORD, else a random one.
# All who mount the volume may read it; nobody else can.
set -eu
file=/run/newsmill/postgres-password
[ ! -s "$file" ] || exit 0
umask 022
printf %s "${POSTGRES_PASSWORD:-$(tr -dc a-zA-Z0-9 </dev/urandom | head -c 32)}" >"$file.new"
mv "$file.new" "$file"
