-- Phase 1, the reader path: a user that can read the app's tables and do nothing else.
-- Run as an admin (CockroachDB: root), after 00-bootstrap.sql. Safe to run again.

-- cockroachdb only: PostgreSQL picks the database when it connects, so a PostgreSQL runner opens a connection to it here
USE evolution;

-- The user gets its password elsewhere, as a bound parameter: no file here holds one.
CREATE USER IF NOT EXISTS app_reader;

GRANT CONNECT ON DATABASE evolution TO app_reader;

GRANT USAGE ON SCHEMA public TO app_reader;

GRANT SELECT ON TABLE login_events, search_terms, witness_writes TO app_reader;

-- A second lock: sessions begin read-only. A session may turn this off; the grants above are the boundary.
ALTER ROLE app_reader SET default_transaction_read_only = on;

-- cockroachdb only: lets the nearest copy answer, the non-voting one too, with data a few seconds old; PostgreSQL has no such setting
ALTER ROLE app_reader SET default_transaction_use_follower_reads = on;
