"""sendoff: the exit desk of a managed service provider."""

__version__ = "0.1.0"
