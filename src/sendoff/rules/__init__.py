"""The arrows: pure functions between the nouns."""
