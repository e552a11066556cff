"""The command line: one file a noun; every action goes through the desk."""
