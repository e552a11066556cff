"""Plain mail, where our own tenant cannot be reached through Graph."""
