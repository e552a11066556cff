"""The way from the tables of one version to those of the next, as Alembic goes it. Decision 021 says how to add one."""
