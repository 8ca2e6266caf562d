"""The index of many passages: immutable segments, mapped into memory, of which a change adds a small one."""
