-- Once, as the database's administrator: psql -v owner_password=… -v app_password=… -f roles.sql
CREATE ROLE jifen_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE jifen_app LOGIN PASSWORD :'app_password';
CREATE DATABASE jifen OWNER jifen_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE jifen FROM PUBLIC;
GRANT CONNECT ON DATABASE jifen TO jifen_app;
