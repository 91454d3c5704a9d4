"""Source files found and read: each to its documents, or to one line that says why not."""
