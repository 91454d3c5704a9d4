"""Plain pages beside the Gradio one: documents that citations open, signing in."""
