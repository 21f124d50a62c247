#!/bin/sh
# redis-cli with Redis's password: docker compose exec redis sh /cli.sh info memory
set -eu
REDISCLI_AUTH=$(cat /run/newsmill-redis/password)
export REDISCLI_AUTH
exec redis-cli "$@"
