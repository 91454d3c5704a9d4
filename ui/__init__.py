"""Ways in: the page, the API and the command line. Only `ui.app` knows Gradio. Part of cco-kb."""

import os

# Read when Gradio and its Hugging Face client are imported: nothing about the use of this page leaves the machine.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
