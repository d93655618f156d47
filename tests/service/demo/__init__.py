"""The demonstration's fast-forward over a real database."""
