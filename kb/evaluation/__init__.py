"""Question sets, runs over them, and what the runs say."""
