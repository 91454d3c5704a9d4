"""Models that turn texts into vectors, on the numbers that every machine computes alike."""
