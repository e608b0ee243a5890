#!/bin/sh
# Makes what must be secret and need not be known: once, on a volume that only the services see.
#
# A secret of one's own takes its place: write the file before the first start, or name another one in the settings.
set -eu
folder=${1:?where to}
server=65532 database=999 # as which the server and PostgreSQL run

new() { head -c 36 /dev/urandom | base64 | tr '+/' '-_'; }

# Whole or not at all: a file that is half written would be believed.
keep() {
    [ -s "$folder/$1" ] && return
    cat > "$folder/.$1"
    chmod 0400 "$folder/.$1"
    chown "$2" "$folder/.$1"
    mv "$folder/.$1" "$folder/$1"
}

new | keep jwt_secret $server
new | keep postgres_password $database
new | keep replication_password $database
password=$(cat "$folder/postgres_password")
printf 'postgres://albedo:%s@%s/albedo_db' "$password" "${2:-postgres:5432}" | keep database_url $server
printf 'postgres://albedo:%s@postgres:5432/albedo_db' "$password" | keep direct_database_url $server
printf 'postgres://albedo:%s@postgres-replica:5432/albedo_db' "$password" | keep replica_database_urls $server
printf '"albedo" "%s"\n' "$password" | keep pgbouncer_users $server
