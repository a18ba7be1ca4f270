-- Once, as the database's administrator: OWNER_PASSWORD=… APP_PASSWORD=… psql -f roles.sql
-- The passwords come from the environment, because the process list shows every user a command's arguments.
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE jifen_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE jifen_app LOGIN PASSWORD :'app_password';
CREATE DATABASE jifen OWNER jifen_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE jifen FROM PUBLIC;
GRANT CONNECT ON DATABASE jifen TO jifen_app;
