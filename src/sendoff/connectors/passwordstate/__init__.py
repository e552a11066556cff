"""Passwordstate, our own vault."""
