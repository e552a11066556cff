"""Ports meet their answers: the real world or the sandbox, chosen here and nowhere else; it alone reads settings."""

from sendoff.engine.desk import Desk
from sendoff.wiring.house import House, wired

__all__ = ["Desk", "House", "wired"]
