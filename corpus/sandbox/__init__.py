"""The process in which foreign files are read, and what the kernel keeps it from."""
