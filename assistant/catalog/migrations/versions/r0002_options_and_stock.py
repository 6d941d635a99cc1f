"""Brand and description of families, options and stock of products."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what is in the database has no brand, text, options or counted stock."""
    op.add_column("families", sa.Column("brand", sa.String, nullable=False, server_default=""))
    op.add_column("families", sa.Column("description", sa.Text, nullable=False, server_default=""))
    op.add_column("products", sa.Column("options", sa.JSON))
    op.add_column("products", sa.Column("stock", sa.Integer))
