"""The vendors, played: ARM, Graph, the Entra sign-in, PRTG and Passwordstate over one seeded world."""

from sendoff.sandbox.sandbox import Sandbox
from sendoff.sandbox.wire import Request, Response

__all__ = ["Request", "Response", "Sandbox"]
