#!/bin/bash
# On the first start makes the data directory and runs the scripts that were laid out for it; then becomes the server.
#
# Configured as the official images of PostgreSQL and Citus are: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB,
# POSTGRES_HOST_AUTH_METHOD, POSTGRES_INITDB_ARGS, PGDATA, and /docker-entrypoint-initdb.d.
set -Eeuo pipefail

fail() {
  printf 'docker-entrypoint: %s\n' "$*" >&2
  exit 1
}

# As the superuser, on a database, past everybody's personal settings. Ends at the first error.
run_sql() {
  local database=$1
  shift
  psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$database" "$@"
}

run_script() {
  printf 'docker-entrypoint: running %s\n' "$1"
  case $1 in
    *.sql) run_sql "$POSTGRES_DB" --file="$1" ;;
    # One that cannot be run is read instead, as the official images do: it may set variables for those that follow.
    *.sh) if [ -x "$1" ]; then "$1"; else . "$1"; fi ;;
    *) printf 'docker-entrypoint: passing over %s\n' "$1" ;;
  esac
}

# Makes the data directory, with a server that nobody but us can reach while its content is not complete.
first_start() {
  local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$method" != trust ]; then
    fail 'POSTGRES_PASSWORD is empty. Set it, or set POSTGRES_HOST_AUTH_METHOD=trust to let everybody in.'
  fi
  # Left set, as in the official image of Citus: the server logs in to other nodes with it.
  export PGPASSWORD=${PGPASSWORD-$POSTGRES_PASSWORD}

  # The arguments are words, to be split. Nothing here has to outlive a power cut.
  # shellcheck disable=SC2086
  initdb --no-sync --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  local options
  options=$(printf '%q ' "${@:2}" -c listen_addresses=)
  pg_ctl --pgdata="$PGDATA" --silent --wait --options="$options" start
  if [ "$POSTGRES_DB" != postgres ]; then
    run_sql postgres --set=name="$POSTGRES_DB" <<<'CREATE DATABASE :"name"'
  fi
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    if [ -f "$script" ]; then run_script "$script"; fi
  done
  pg_ctl --pgdata="$PGDATA" --silent --wait --mode=fast stop
}

case ${1-} in
  '' | -*) set -- postgres "$@" ;;
esac
if [ "$1" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
  # Where libraries look for certificates and the like, which root's directory would refuse.
  export HOME=/var/lib/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  POSTGRES_USER=${POSTGRES_USER:-postgres}
  POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-}
  POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  export POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB
  first_start "$@"
fi
exec "$@"
