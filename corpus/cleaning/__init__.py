"""Raw lines of a file or a saved page become the pieces of its text."""
