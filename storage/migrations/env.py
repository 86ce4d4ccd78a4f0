"""Run migrations on the connection that `storage.database.migrate` gives; none is opened here.

Views go before and are made anew after the last migration: SQLite renames no table that a view reads.
"""

from alembic import context

from storage.database.migrate import OPTIONS, drop_views, make_views
from storage.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, **OPTIONS)
with context.begin_transaction():
    drop_views(connection)
    context.run_migrations()
    if context.get_context().get_current_revision() == context.get_head_revision():
        make_views(connection)
