#!/bin/sh
# Starts PostgreSQL. The first start creates the database, with the password that docker/password.sh wrote.
# The image's own entry point would do that as root, with the password in the environment.
set -eu
data=/var/lib/postgresql/data/main
if [ ! -d "$data" ]; then
    rm -rf "$data.new" # left by a first start that was killed
    initdb --pgdata "$data.new" --username newsmill --pwfile /run/newsmill/postgres-password \
        --auth-local trust --auth-host scram-sha-256 --encoding UTF8 --locale C.UTF-8 --data-checksums
    echo "host all all all scram-sha-256" >>"$data.new/pg_hba.conf"
    echo "CREATE DATABASE newsmill" | postgres --single -D "$data.new" postgres
    mv "$data.new" "$data"
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
