"""Papers: letters, invitations and pages. Values in, bytes out."""

from sendoff.papers.rendering import JinjaPapers

__all__ = ["JinjaPapers"]
