"""The tables. Events are the truth; projections can be dropped and rebuilt; operational rows cost a look when lost.

Every change here has its migration in migrations/versions, and VERSION grows with it.
"""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

VERSION = 2
"""The version of these tables; migration 0002 makes it."""
RUNS_FROM = 2
"""The oldest version whose programs can still work on these tables, while a house is upgraded machine by machine."""

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Integer, nullable=False),
)
"""`version` and `runs_from` of the tables as they are."""

event = Table(
    "event",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("envelope", Text, nullable=False),
)
"""Truth. The canonical JSON of the envelope; its digest is the chain."""

body = Table(
    "body",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""Beside the truth: salt and body under the case's own key. Erasing rows or the key breaks no chain."""

case_key = Table(
    "case_key",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
"""The case's own key, wrapped by the house key."""

case_row = Table(
    "case_row",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", String(80), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("contract_end", String(10), nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("total", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("waiting_for", String(200), nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("halted", Boolean, nullable=False),
)
"""Projection: counts and dates. Names and reasons stay in the bodies, where a case's key covers them."""

step_row = Table(
    "step_row",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("role", String(40), nullable=False),
    Column("settled_at", String(40), nullable=False),
    Column("major", Integer, nullable=False),
)
"""Projection. `major` is the version of the step's code that can move it."""

Index("step_state", step_row.c.state)

work = Table(
    "work",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("batch", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(80), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("lease_until", Float, nullable=False),
    Column("due", Float, nullable=False),
    Column("due_civil", String(40), nullable=False),
    Column("major", Integer, nullable=False),
)
"""Operational. `due` and `lease_until` are seconds of lease time; `due_civil` is a civil moment or empty; `major` is
the version of the step's code that can move it."""

Index("work_when", work.c.due_civil, work.c.due, work.c.lease_until)

bucket = Table(
    "bucket",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("at", Float, nullable=False),
    Column("blocked_until", Float, nullable=False),
)
"""Operational: one token bucket a vendor, customer, key, subscription and kind of call."""
