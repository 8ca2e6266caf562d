"""Where passages, their vectors and their words are kept and found."""
