#!/bin/bash
# Run by the image of Postgres when its data is made: the login that owns the tables, and that of the services.
set -euo pipefail

psql -v ON_ERROR_STOP=1 --username postgres \
    -v owner="$(</run/secrets/owner_password)" -v login="$(</run/secrets/login_password)" <<'SQL'
create role tollgate_migrate login createrole password :'owner';
create role tollgate login noinherit password :'login';
create database tollgate owner tollgate_migrate;
SQL
