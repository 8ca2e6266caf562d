"""Run by Alembic: migrates the connection that it was handed, within that connection's transaction."""

from alembic import context

from assistant.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
