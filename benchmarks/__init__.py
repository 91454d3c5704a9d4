"""What every figure comes from: scripts that print tables, and the sets that they ask."""
