-- Phase 0, one node: one copy of everything, like a single PostgreSQL and as fragile.
-- Run as an admin (CockroachDB: root), in any database. Safe to run again.
--
-- Replication is a zone configuration, not a cluster setting. Five zones of a new cluster name a factor of their own (default: 3,
-- the others: 5) and do not follow "default", so each is set; on one node the rest would be under-replicated for ever.
-- Any other zone that names a factor shows up in SHOW ALL ZONE CONFIGURATIONS and has to be stepped as well.
-- Both fields are set every time, because a zone inherits each of them separately.

-- cockroachdb only: the zone that all others inherit from, the app's database too; PostgreSQL has no zones
ALTER RANGE default CONFIGURE ZONE USING num_replicas = 1, num_voters = 1;

-- cockroachdb only: where every range lies; PostgreSQL has no zones
ALTER RANGE meta CONFIGURE ZONE USING num_replicas = 1, num_voters = 1;

-- cockroachdb only: which nodes are alive; PostgreSQL has no zones
ALTER RANGE liveness CONFIGURE ZONE USING num_replicas = 1, num_voters = 1;

-- cockroachdb only: other data that the cluster keeps about itself; PostgreSQL has no zones
ALTER RANGE system CONFIGURE ZONE USING num_replicas = 1, num_voters = 1;

-- cockroachdb only: users, grants, settings and jobs; PostgreSQL has no zones
ALTER DATABASE system CONFIGURE ZONE USING num_replicas = 1, num_voters = 1;
