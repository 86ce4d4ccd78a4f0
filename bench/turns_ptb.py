"""What one would write instead: python-telegram-bot's ConversationHandler, each answer in a SQLModel session.

Offline: the bot's requests are answered at once, without a network, and cost it nothing but its own work.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, create_engine
from telegram import Update
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest


class PtbAnswer(SQLModel, table=True):
    """The table of somebody who keeps what people answered."""

    metadata = sa.MetaData()
    id: int | None = Field(default=None, primary_key=True)
    chat_id: int = Field(index=True)
    question: int
    text: str
    answered_at: datetime


class Offline(BaseRequest):
    """Answers every request at once: a sent message, or the bot's own name."""

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, url: str, *_args: Any, **_more: Any) -> tuple[int, bytes]:
        user = {"id": 1, "is_bot": True, "first_name": "bench", "username": "bench_bot"}
        sent = {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}, "text": "x"}
        return 200, json.dumps({"ok": True, "result": user if url.endswith("getMe") else sent}).encode()


def ptb_turns(folder: Path, *, people: int, replies: Sequence[str]) -> float:
    """Measure turns a second: `people` conversations, each answering all questions, one update after the other."""
    return asyncio.run(_run(folder, people, replies))


async def _run(folder: Path, people: int, replies: Sequence[str]) -> float:
    engine = create_engine(f"sqlite:///{folder / 'ptb.sqlite'}")

    @sa.event.listens_for(engine, "connect")
    def _durable(raw: Any, _record: object) -> None:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")

    PtbAnswer.metadata.create_all(engine)
    application = _application(engine, len(replies))
    await application.initialize()
    bot = application.bot
    for person in range(people):
        await application.process_update(Update.de_json(_update(person, 0, "/start"), bot))
    began = perf_counter()
    for number, text in enumerate(replies, start=1):
        for person in range(people):
            await application.process_update(Update.de_json(_update(person, number, text), bot))
    seconds = perf_counter() - began
    with Session(engine) as session:
        stored = session.scalar(sa.select(sa.func.count()).select_from(PtbAnswer))
    assert stored == people * len(replies), stored
    await application.shutdown()
    engine.dispose()
    return people * len(replies) / seconds


def _application(engine: sa.Engine, questions: int) -> Application[Any, Any, Any, Any, Any, Any]:
    application = (
        Application.builder()
        .token("1:bench")
        .request(Offline())
        .get_updates_request(Offline())
        .updater(None)
        .build()
    )
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", _start)],
            states={
                number: [MessageHandler(filters.TEXT & ~filters.COMMAND, _answer(engine, number, questions))]
                for number in range(questions)
            },
            fallbacks=[],
        )
    )
    return application


async def _start(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message is not None
    await update.message.reply_text("Question 1?")
    return 0


def _answer(engine: sa.Engine, number: int, questions: int) -> Any:
    async def answer(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> int:
        message = update.message
        assert message is not None
        with Session(engine) as session:
            row = PtbAnswer(
                chat_id=message.chat_id,
                question=number,
                text=message.text or "",
                answered_at=datetime.now(UTC),
            )
            session.add(row)
            session.commit()
        await message.reply_text(f"Question {number + 2}?")
        return number + 1 if number + 1 < questions else ConversationHandler.END

    return answer


def _update(person: int, number: int, text: str) -> dict[str, Any]:
    who = {"id": 1_000_000 + person, "is_bot": False, "first_name": "A"}
    message = {
        "message_id": number + 1,
        "date": 1_772_000_000,
        "chat": {"id": 1_000_000 + person, "type": "private"},
        "from": who,
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return {"update_id": person * 100 + number, "message": message}
