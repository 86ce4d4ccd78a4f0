"""How Alembic meets our tables. `storage.migrate` gives the connection; none is opened here."""

from alembic import context
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - the tables register themselves
from storage.migrate import OPTIONS

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, **OPTIONS
)
with context.begin_transaction():
    context.run_migrations()
