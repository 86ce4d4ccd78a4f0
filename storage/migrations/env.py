"""Run migrations on the connection that `storage.database.migrate` gives; none is opened here."""

from alembic import context

from storage.database.migrate import OPTIONS
from storage.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, **OPTIONS)
with context.begin_transaction():
    context.run_migrations()
