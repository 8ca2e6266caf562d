"""How often verification is right: cases of sentences and what they cite, judged by hand."""
