"""Files that survive: flushed before they count, switched by one rename, locked against each other."""
