"""Brand and description of families, options and stock of products; conversations' times in UTC."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIMES = (("conversations", "created_at"), ("turns", "started_at"), ("staff_messages", "left_at"))


def upgrade() -> None:
    """Add the columns; what is in the database has no brand, text, options or counted stock."""
    op.add_column("families", sa.Column("brand", sa.String, nullable=False, server_default=""))
    op.add_column("families", sa.Column("description", sa.Text, nullable=False, server_default=""))
    op.add_column("products", sa.Column("options", sa.JSON))
    op.add_column("products", sa.Column("stock", sa.Integer))
    if op.get_bind().dialect.name == "postgresql":
        for table, column in _TIMES:
            # SQLite kept UTC without its zone all along.
            op.alter_column(
                table, column, type_=sa.DateTime(), postgresql_using=f"{column} AT TIME ZONE 'UTC'"
            )
