"""Users, their sessions and tokens, and the record of who changed what."""
