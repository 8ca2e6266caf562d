"""Run by Alembic: migrates the connection that it was handed, within that connection's transaction."""

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], version_table_schema=attributes["schema"])
context.run_migrations()
