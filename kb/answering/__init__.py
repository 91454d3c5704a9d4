"""From what the reader found to cited sentences, or to a refusal."""
