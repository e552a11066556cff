"""The pages: one file a screen; every action goes through the desk."""
