"""Sign-in to Entra."""
