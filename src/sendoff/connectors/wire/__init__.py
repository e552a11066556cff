"""What all clients share: one HTTP exchange, sign-in, and JSON bodies walked."""
