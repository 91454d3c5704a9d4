"""What is searched: passages, vectors and words of one state, and how their rankings are joined."""
