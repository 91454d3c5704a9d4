"""The page of concepts."""
