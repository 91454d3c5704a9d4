"""Passages become an index on disk; a question becomes ranked hits. Part of cco-kb."""

import os

# Idle OpenMP threads spin for a while before they sleep. By default so long that two processes that encode at the same
# time take each other's cores (six times as slow as with this bound); alone it costs nothing.
# Read when torch and FAISS load their OpenMP, so it is set before either.
os.environ.setdefault("GOMP_SPINCOUNT", "100000")
