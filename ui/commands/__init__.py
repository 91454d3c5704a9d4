"""The `cco` commands, one module each."""
