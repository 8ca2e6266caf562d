"""Documents side by side on one theme."""
