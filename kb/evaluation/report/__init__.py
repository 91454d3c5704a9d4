"""A run as one HTML file that opens from disk, asks for nothing from elsewhere, and speaks four languages."""
