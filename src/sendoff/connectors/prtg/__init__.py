"""PRTG Network Monitor, our own core."""
