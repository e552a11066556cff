"""The pages, tested through their routes."""
