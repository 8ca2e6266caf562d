"""Language models: where they stand, how they are asked, and what happens when they fail."""
