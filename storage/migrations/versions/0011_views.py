"""Views for analysts

They are made after the last migration, from `storage.schema.views`: this one only has older databases brought up.

Revision: 0011
Follows: 0010
"""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table."""


def downgrade() -> None:
    """Change no table."""
