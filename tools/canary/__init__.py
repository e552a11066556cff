"""Looks for a known secret in whatever a leaving leaves behind, however it is spelled and wherever it is packed."""
