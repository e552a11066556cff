"""What goes wrong when a customer leaves, and the guard that holds: one named test a row."""
