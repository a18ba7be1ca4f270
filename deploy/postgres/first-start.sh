#!/bin/sh
# Run by the postgres image when its data folder is new.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set owner_password="$OWNER_PASSWORD" --set app_password="$APP_PASSWORD" \
    --file /jifen/roles.sql
