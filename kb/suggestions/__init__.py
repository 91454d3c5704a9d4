"""Questions that the indexed texts answer, each with its answer word for word."""
