"""What an index holds: added, changed, removed, watched and checked."""
