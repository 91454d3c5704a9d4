"""What things are called, in four languages: concepts, glossary, abbreviations."""
