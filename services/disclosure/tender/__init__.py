"""Tenders (招标) as their public records tell them: open, in publicity, awarded."""
