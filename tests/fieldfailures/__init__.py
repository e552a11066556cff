"""What real users met elsewhere, each with a test of its own here."""
