"""Generators of documentation: run by `make docs`, and compared by the tests of the house."""
