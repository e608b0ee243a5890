#!/bin/bash
# Starts a streaming replica: a copy of the primary at the first start, its own files after that.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # A copy that broke off is none.
    find "$PGDATA" -mindepth 1 -delete
    PGPASSWORD=$(cat /run/albedo/replication_password) pg_basebackup --host=postgres --username=replicator \
        --pgdata="$PGDATA" --wal-method=stream --slot=replica --write-recovery-conf --checkpoint=fast
    chmod 0700 "$PGDATA"
fi
exec postgres -c hot_standby=on -c hot_standby_feedback=on
