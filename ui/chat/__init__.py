"""The conversation: turns, citations, exports."""
