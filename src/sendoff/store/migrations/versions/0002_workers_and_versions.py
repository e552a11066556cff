"""Workers that serve every case: which cases are halted, the version of each step's code, and of the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NEW = (("case_row", "halted", sa.Boolean(), sa.false()), ("step_row", "major", sa.Integer(), sa.text("1")))
WORK = ("work", "major", sa.Integer(), sa.text("1"))


def upgrade() -> None:
    """New columns get a value that costs a look at most; right after this the projections are made anew from the
    events, in the same transaction, and the rows of work follow them."""
    op.create_table(
        "meta",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.drop_index("work_due", table_name="work")
    for table, name, kind, value in (*NEW, WORK):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        # Whoever writes a row must say it: a program that does not know the column is stopped, and not believed.
        with op.batch_alter_table(table) as batch:
            batch.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    op.create_index("step_state", "step_row", ["state"])
    op.create_index("work_when", "work", ["due_civil", "due", "lease_until"])


def downgrade() -> None:
    """Back to the tables as first shipped. Events are not touched."""
    op.drop_index("work_when", table_name="work")
    op.drop_index("step_state", table_name="step_row")
    for table, name, _, _ in (*NEW, WORK):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
    op.create_index("work_due", "work", ["due", "lease_until"])
    op.drop_table("meta")
