"""GitHub, the private repository with our checklists."""
