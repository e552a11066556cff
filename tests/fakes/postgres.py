"""A schema of its own on a PostgreSQL server for each test. The server's address comes from SENDOFF_POSTGRES."""

import os
import uuid

from sqlalchemy import create_engine


def fresh_schema() -> str:
    """The address of a new, empty schema, thrown away with the server."""
    server, name = os.environ["SENDOFF_POSTGRES"], f"t{uuid.uuid4().hex[:12]}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
    engine.dispose()
    return f"{server}?options=-csearch_path%3D{name}"
