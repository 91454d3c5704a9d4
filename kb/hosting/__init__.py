"""What a server keeps for its users: uploads, removals to be undone, ratings, a start in spite of bad settings."""
