"""Reassure, our own customer portal."""
