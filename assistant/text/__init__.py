"""From the text of a page to passages, and from Danish words to terms."""
