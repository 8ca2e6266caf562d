"""What a user has collected, or talked about, as a Word document and as Markdown."""
