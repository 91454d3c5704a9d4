"""A language model's answer, shown only where the sources bear it out."""
