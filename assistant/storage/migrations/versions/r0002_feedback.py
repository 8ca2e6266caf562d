"""What users think of answers, and the draft questions that come of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of feedback and drafts."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "feedback",
        sa.Column("conversation_id", sa.String(64), primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("thumb", sa.String(8), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("created", time, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "turn"], ["turns.conversation_id", "turns.turn"], ondelete="CASCADE"
        ),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created", time, nullable=False),
    )
