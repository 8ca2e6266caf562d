"""What a model wrote, held against the passages that it was given: nothing counts as cited before that."""
