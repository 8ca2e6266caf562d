"""How good the assistant is: question sets, metrics, runs that can be compared, and a gate."""
