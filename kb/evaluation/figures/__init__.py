"""What a run is measured by, each figure with its interval."""
