"""The reader: question and passage in, the words that answer out, and the chance that any do."""
