"""How the schema came to be, step by step; Alembic runs these from the version that a database has."""
