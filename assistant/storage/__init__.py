"""Conversations, feedback, baskets and draft questions, kept in a database."""
