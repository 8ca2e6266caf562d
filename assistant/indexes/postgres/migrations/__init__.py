"""How the schema of the index came to be, step by step; Alembic runs these from the version that it has."""
