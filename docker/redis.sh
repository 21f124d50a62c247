#!/bin/sh
# Starts Redis with the password that docker/password.sh wrote. It goes in by standard input: `ps` shows command lines.
set -eu
exec redis-server - "$@" <<EOF
requirepass "$(sed 's/[\\"]/\\&/g' /run/newsmill-redis/password)"
EOF
