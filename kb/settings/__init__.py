"""What a user may set: one typed value, its file, and how far a named server may be."""
