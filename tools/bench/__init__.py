"""Measurements: `make bench` writes docs/benchmarks.md. Compare ratios, not single seconds, between machines."""
