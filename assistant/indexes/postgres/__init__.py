"""The passage index in PostgreSQL: vectors through pgvector, Danish text search, one schema for both."""
