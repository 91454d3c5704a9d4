"""The commands of `cco`, each with its options; the only package of kb that prints."""
