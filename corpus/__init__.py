"""A source file becomes a Document, then Passages and Windows. Part of cco-kb."""
