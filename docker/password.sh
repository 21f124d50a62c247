#!/bin/sh
# Writes the passwords of PostgreSQL, Redis and Flower once, each into a volume of its own: that of .env, else a random one.
# Every container that mounts a volume can read it, no other.
set -eu
umask 022
write() { # FOLDER NAME PASSWORD
    [ ! -s "$1/$2" ] || return 0
    printf %s "${3:-$(tr -dc a-zA-Z0-9 </dev/urandom | head -c 32)}" >"$1/$2.new"
    mv "$1/$2.new" "$1/$2"
}
write /run/newsmill postgres-password "${POSTGRES_PASSWORD:-}"
write /run/newsmill-redis password "${REDIS_PASSWORD:-}"
write /run/newsmill-flower password "${FLOWER_PASSWORD:-}"
