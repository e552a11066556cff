"""Answers to the ports for tests."""
