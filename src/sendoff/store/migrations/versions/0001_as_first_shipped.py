"""The tables as they were first shipped, before they had a version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """All of them, empty."""
    op.create_table(
        "event",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("envelope", sa.Text, nullable=False),
    )
    op.create_table(
        "body",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "case_key",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "bucket",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("blocked_until", sa.Float, nullable=False),
    )
    _projections()
    _work()


def _projections() -> None:
    op.create_table(
        "case_row",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("head", sa.String(80), nullable=False),
        sa.Column("tier", sa.String(20), nullable=False),
        sa.Column("contract_end", sa.String(10), nullable=False),
        sa.Column("opened_at", sa.String(40), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("settled", sa.Integer, nullable=False),
        sa.Column("waiting_for", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
    )
    op.create_table(
        "step_row",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("step", sa.String(80), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("settled_at", sa.String(40), nullable=False),
    )


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("chain", sa.String(64), primary_key=True),
        sa.Column("step", sa.String(80), primary_key=True),
        sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("due_civil", sa.String(40), nullable=False),
    )
    op.create_index("work_due", "work", ["due", "lease_until"])


def downgrade() -> None:
    """There is nothing before it."""
    for name in ("work", "step_row", "case_row", "bucket", "case_key", "body", "event"):
        op.drop_table(name)
