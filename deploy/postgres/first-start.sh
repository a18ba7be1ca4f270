#!/bin/sh
# Run by the postgres image when its data folder is new.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --file /jifen/roles.sql
