-- Phase 2, three nodes: three voting copies of everything. Any one node may now die.
-- Run as an admin (CockroachDB: root), in any database, once the third node is live: with two nodes, nothing would change.
-- Safe to run again.
--
-- Both fields are set every time: num_replicas = 3 alone would keep the one voter of phase 1 and add a second non-voting copy.
-- The zones: see 01-phase0-rf1.sql.

-- cockroachdb only: the zone that all others inherit from, the app's database too; PostgreSQL has no zones
ALTER RANGE default CONFIGURE ZONE USING num_replicas = 3, num_voters = 3;

-- cockroachdb only: where every range lies; PostgreSQL has no zones
ALTER RANGE meta CONFIGURE ZONE USING num_replicas = 3, num_voters = 3;

-- cockroachdb only: which nodes are alive; PostgreSQL has no zones
ALTER RANGE liveness CONFIGURE ZONE USING num_replicas = 3, num_voters = 3;

-- cockroachdb only: other data that the cluster keeps about itself; PostgreSQL has no zones
ALTER RANGE system CONFIGURE ZONE USING num_replicas = 3, num_voters = 3;

-- cockroachdb only: users, grants, settings and jobs; PostgreSQL has no zones
ALTER DATABASE system CONFIGURE ZONE USING num_replicas = 3, num_voters = 3;
