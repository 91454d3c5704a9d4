"""How the reader is made, from questions and passages to its weights: `python -m training`, or `make reader`."""
