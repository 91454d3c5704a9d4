"""Short programs that use all of it: each is run by `python -m examples.NAME`, and by the tests."""
