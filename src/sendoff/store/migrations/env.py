"""Alembic's way in: on the connection, and in the transaction, that it is handed. There is no ini file."""

from alembic import context

from sendoff.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
