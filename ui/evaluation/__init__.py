"""The page of runs over question sets."""
