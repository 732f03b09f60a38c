-- Phase 1, two nodes: two copies of everything. One votes, the other follows and can answer reads.
-- Run as an admin (CockroachDB: root), in any database, once the second node is live. Safe to run again.
--
-- num_replicas = 2 alone is refused: two voters need both nodes for every write, which is worse than one. So there is one voter
-- and one non-voting copy. It is a copy, not failover: without the voter's node, the data cannot be written or read consistently.
-- Both fields are set every time, because a zone inherits each of them separately. The zones: see 01-phase0-rf1.sql.

-- cockroachdb only: the zone that all others inherit from, the app's database too; PostgreSQL has no zones
ALTER RANGE default CONFIGURE ZONE USING num_replicas = 2, num_voters = 1;

-- cockroachdb only: where every range lies; PostgreSQL has no zones
ALTER RANGE meta CONFIGURE ZONE USING num_replicas = 2, num_voters = 1;

-- cockroachdb only: which nodes are alive; PostgreSQL has no zones
ALTER RANGE liveness CONFIGURE ZONE USING num_replicas = 2, num_voters = 1;

-- cockroachdb only: other data that the cluster keeps about itself; PostgreSQL has no zones
ALTER RANGE system CONFIGURE ZONE USING num_replicas = 2, num_voters = 1;

-- cockroachdb only: users, grants, settings and jobs; PostgreSQL has no zones
ALTER DATABASE system CONFIGURE ZONE USING num_replicas = 2, num_voters = 1;
