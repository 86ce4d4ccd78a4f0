"""How Alembic meets our tables. `storage.database.migrate` gives the connection; none is opened here."""

from alembic import context
from sqlmodel import SQLModel

import storage.schema  # noqa: F401 - the tables register themselves
from storage.database.migrate import OPTIONS

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, **OPTIONS
)
with context.begin_transaction():
    context.run_migrations()
