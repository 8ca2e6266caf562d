"""How fast the assistant is, always beside the least that the same work could take.

Two things are timed in turn on the same machine in the same minute, so that a ratio means the same
on a laptop and on a busy server.
"""
