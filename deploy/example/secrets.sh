#!/bin/sh
# Writes the secrets that kustomization.yaml asks for: a random password for Redis, and the address of your PostgreSQL.
#     sh deploy/example/secrets.sh postgresql://newsmill:PASSWORD@postgresql/newsmill
# PostgreSQL has to prove who it is, and so has a Redis at rediss:// (docs/connections.md).
# The files lie beside this script, for you alone (.gitignore has them). Files that exist stay as they are.
set -eu
umask 077
database=${1:?Name the database: sh $0 postgresql://newsmill:PASSWORD@postgresql/newsmill}
cd "$(dirname "$0")"
if [ -e newsmill.secret.env ] || [ -e redis.secret.env ]; then
    echo "There are secrets in $PWD already. Remove newsmill.secret.env and redis.secret.env to make others." >&2
    exit 1
fi
redis=$(tr -dc a-zA-Z0-9 </dev/urandom | head -c 32)
printf 'password=%s\n' "$redis" >redis.secret.env
printf 'NEWSMILL_REDIS_URL=redis://:%s@redis:6379/0\nNEWSMILL_DATABASE_URL=%s\n' "$redis" "$database" >newsmill.secret.env
