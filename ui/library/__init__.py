"""The page of documents."""
