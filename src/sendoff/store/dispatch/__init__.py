"""Who says: look at this step. Embedded here; other answers to the same port stand beside it."""
