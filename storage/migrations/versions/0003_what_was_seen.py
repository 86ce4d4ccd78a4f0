"""What was seen when it was answered

Revision: 0003
Follows: 0002
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PEOPLE_AT_ONCE = 500
SHIPPED_FOLLOW_ONS = (
    ("patient_interview", "patient_follow_up"),
    ("patient_follow_up", "patient_follow_up"),
    ("patient_interview", "what_we_changed"),
    ("hcp_commitment", "commitment_reask"),
    ("hcp_commitment", "commitment_nudge"),
    ("content_review", "review_answer"),
    ("best_practice", "best_practice_answer"),
)
"""Which flow followed on which where a program's file did not say it, when this was written."""


def upgrade() -> None:
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("message_deleted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
        )

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index(
            "ix_inbox_postponed",
            ["address_id"],
            unique=False,
            sqlite_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
            postgresql_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_unsent",
            sqlite_where=sa.text("status IN ('queued', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'sending')"),
        )
        batch_op.create_index(
            "ix_outbox_unsent",
            ["address_id", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
            postgresql_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
        )
        batch_op.add_column(sa.Column("thread", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_index(
            "ix_outbox_edit",
            ["address_id", "id"],
            unique=False,
            sqlite_where=sa.text("kind = 'edit'"),
            postgresql_where=sa.text("kind = 'edit'"),
        )
    _name_nobody(op.get_bind())
    _let_answers_agree(op.get_bind())


def _name_nobody(connection: sa.Connection) -> None:
    """Put what stands for a Slack user in place of their id in the names of deliveries.

    These names are kept unsealed, and named people to whoever saw the file. The bot gives new deliveries names of the
    same form, so one that comes again is still known. A name that is there already has been given twice: then the
    older row needs none.
    """
    raw: Any = connection.connection.driver_connection
    raw.create_function("without_user", 1, _without_user, deterministic=True)
    theirs = "channel = 'slack' AND (external_id GLOB 'action:[UW]*:*' OR external_id GLOB 'profile:[UW]*:*')"
    connection.exec_driver_sql(
        f"UPDATE OR IGNORE inbox SET external_id = without_user(external_id) WHERE {theirs}"  # noqa: S608
    )
    connection.exec_driver_sql(f"UPDATE inbox SET external_id = 'erased:' || id WHERE {theirs}")  # noqa: S608


def _without_user(name: str) -> str:
    """Return the name of a delivery, `action:U...:...`, with 8 characters in place of the user's id."""
    kind, user, rest = name.split(":", 2)
    return f"{kind}:{hashlib.blake2s(user.encode(errors='replace'), digest_size=4).hexdigest()}:{rest}"


def _let_answers_agree(connection: sa.Connection) -> None:
    """Put a no in place of each answer that says yes to a consent whose newest decision is a no.

    Before this, a consent that was taken back outside of its question left the answer as it was. The time is that of
    the decision; the words with which it was taken back were not kept. Read is what those said who said no at all, some
    people at a time.
    """
    found = connection.exec_driver_sql(
        "SELECT DISTINCT participant_id FROM consent WHERE NOT granted ORDER BY 1"
    )
    people = [str(row[0]) for row in found]
    questions: dict[str, dict[str, tuple[str, str]]] = {}
    families: dict[int, list[frozenset[str]]] = {}
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        _let_answers_of_some_agree(
            connection, ", ".join(people[start : start + PEOPLE_AT_ONCE]), questions, families
        )


def _let_answers_of_some_agree(
    connection: sa.Connection,
    people: str,
    questions: dict[str, dict[str, tuple[str, str]]],
    families: dict[int, list[frozenset[str]]],
) -> None:
    """Do so for these people: their numbers, with commas.

    `questions` and `families` hold what was looked up, by version of a flow and by program.
    """
    decided = _decisions(connection, people)
    answers = connection.exec_driver_sql(
        "SELECT answer.*, conversation.participant_id, conversation.program_id, conversation.flow_hash"  # noqa: S608
        " FROM conversation CROSS JOIN answer ON answer.conversation_id = conversation.id"
        f" WHERE conversation.participant_id IN ({people})"
        " AND answer.kind = 'consent' AND answer.value = 'true' AND answer.superseded_at IS NULL ORDER BY answer.id"
    )
    for row in answers.mappings().all():
        if row["flow_hash"] not in questions:
            questions[row["flow_hash"]] = _questions(connection, row["flow_hash"])
        if row["program_id"] not in families:
            families[row["program_id"]] = _families(connection, row["program_id"])
        flow, purpose = questions[row["flow_hash"]].get(row["question_key"], ("", ""))
        made = decided.get((row["participant_id"], row["program_id"], purpose), [])
        no = _newest_no(made, flow, families[row["program_id"]])
        if no is not None:
            _supersede(connection, dict(row), no)


def _decisions(
    connection: sa.Connection, people: str
) -> dict[tuple[int, int, str], list[tuple[bool, str | None, str]]]:
    """Return the decisions of these people by participant, program and purpose, the oldest first.

    Each is whether it was a yes, the flow that asked (None for what was said outside of any question), and when.
    """
    rows = connection.exec_driver_sql(
        "SELECT consent.participant_id, consent.program_id, consent.purpose, consent.granted, consent.decided_at,"  # noqa: S608
        " CASE WHEN consent.conversation_id IS NULL THEN NULL ELSE coalesce(consent.flow, conversation.flow) END"
        " FROM consent LEFT JOIN conversation ON conversation.id = consent.conversation_id"
        f" WHERE consent.participant_id IN ({people}) ORDER BY consent.id"
    )
    found: dict[tuple[int, int, str], list[tuple[bool, str | None, str]]] = {}
    for participant, program, purpose, granted, at, flow in rows:
        found.setdefault((participant, program, purpose), []).append((bool(granted), flow, at))
    return found


def _newest_no(
    decided: Iterable[tuple[bool, str | None, str]], flow: str, families: list[frozenset[str]]
) -> str | None:
    """Return when the consent was taken back that counts for a flow; None where its newest decision is no no."""
    family = next((one for one in families if flow in one), frozenset({flow}))
    newest: tuple[bool, str] | None = None
    for granted, asked_in, at in decided:
        if asked_in is None or asked_in in family:
            newest = granted, at
    return None if newest is None or newest[0] else newest[1]


def _families(connection: sa.Connection, program_id: int) -> list[frozenset[str]]:
    """Return the groups of flows in a program that follow one on another, in which a consent counts for each."""
    settings = connection.exec_driver_sql(
        "SELECT settings FROM program WHERE id = ?", (program_id,)
    ).scalar_one()
    told = json.loads(settings).get("follow_on")
    pairs = SHIPPED_FOLLOW_ONS if told is None else [(one["after"], one["flow"]) for one in told]
    found: list[frozenset[str]] = []
    for pair in pairs:
        near = [one for one in found if one & set(pair)]
        found = [one for one in found if one not in near] + [frozenset(pair).union(*near)]
    return found


def _questions(connection: sa.Connection, flow_hash: str) -> dict[str, tuple[str, str]]:
    """Return the consents that a version of a flow asks for: by key, the flow whose text it is, and the purpose."""
    source = connection.exec_driver_sql(
        "SELECT source FROM flowversion WHERE hash = ?", (flow_hash,)
    ).scalar()
    flow = {} if source is None else json.loads(source)
    return {
        step["key"]: (str(step.get("renews") or flow["flow"]).partition(":")[0], step["purpose"])
        for step in _consents(flow.get("steps", ()))
    }


def _consents(steps: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the steps that ask for a consent, those in blocks too."""
    for step in steps:
        yield from _consents(step.get("steps") or ())
        if step["kind"] == "consent":
            yield step


def _supersede(connection: sa.Connection, row: dict[str, Any], at: str) -> None:
    """Put a no in place of an answer, and in the state of its conversation."""
    for joined in ("participant_id", "program_id", "flow_hash"):
        del row[joined]
    connection.exec_driver_sql("UPDATE answer SET superseded_at = ? WHERE id = ?", (at, row.pop("id")))
    no = {**row, "value": "false", "raw": "", "status": "answered", "answered_at": at, "unheard": 0}
    names, places = ", ".join(no), ", ".join("?" * len(no))
    connection.exec_driver_sql(f"INSERT INTO answer ({names}) VALUES ({places})", tuple(no.values()))  # noqa: S608
    here = row["conversation_id"]
    text = connection.exec_driver_sql("SELECT state FROM conversation WHERE id = ?", (here,)).scalar()
    state = json.loads(text) if text else {}
    if state.get("answers", {}).get(row["slot"], [None])[0] is True:
        state["answers"][row["slot"]] = [False, "answered"]
        state.pop("counted", None)
        kept = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
        connection.exec_driver_sql("UPDATE conversation SET state = ? WHERE id = ?", (kept, here))


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'edit'")  # cosmetic, and not known before
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_edit", sqlite_where=sa.text("kind = 'edit'"), postgresql_where=sa.text("kind = 'edit'")
        )
        batch_op.drop_column("thread")
        batch_op.drop_index(
            "ix_outbox_unsent",
            sqlite_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
            postgresql_where=sa.text("status IN ('queued', 'sending') AND kind != 'edit'"),
        )
        batch_op.create_index(
            "ix_outbox_unsent",
            ["address_id", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'sending')"),
            postgresql_where=sa.text("status IN ('queued', 'sending')"),
        )

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_inbox_postponed",
            sqlite_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
            postgresql_where=sa.text("not_before IS NOT NULL AND handled_at IS NULL"),
        )
        batch_op.drop_column("not_before")

    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_column("message_deleted_at")
