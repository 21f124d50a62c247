"""Hostile pages and hostile strings, and what they cost: `python -m benchmarks.stages.hostile`."""
