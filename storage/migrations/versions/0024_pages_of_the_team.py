"""Pages of the team

Revision: 0024
Follows: 0023

Indexes that hold all that the pages count, also of one program, and one of the timers that were put aside.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

LAST_TURN = ["last_turn_at", "status", "participant_id", "turns"]
UNFINISHED = ["participant_id"]
PUT_ASIDE = "reason >= 'failed: ' AND reason < 'failed:!'"


def upgrade() -> None:
    _made_anew([*LAST_TURN, "program_id"], [*UNFINISHED, "program_id", "flow", "flow_hash"])
    op.create_index("ix_timer_put_aside", "timer", ["done_at"], sqlite_where=sa.text(PUT_ASIDE))


def downgrade() -> None:
    op.drop_index("ix_timer_put_aside", "timer")
    _made_anew(LAST_TURN, UNFINISHED)


def _made_anew(last_turn: list[str], unfinished: list[str]) -> None:
    op.drop_index("ix_conversation_last_turn", "conversation")
    op.create_index("ix_conversation_last_turn", "conversation", last_turn)
    op.drop_index("ix_conversation_unfinished", "conversation")
    where = sa.text("status != 'ended'")
    op.create_index("ix_conversation_unfinished", "conversation", unfinished, sqlite_where=where)
