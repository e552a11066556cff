"""Azure Resource Manager, for one customer."""
