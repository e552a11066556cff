"""The shell: looks, asks, acts, writes down."""
