"""The pages in a real browser: a lane of its own, `make test-browser`."""
