"""The trading hall's pages: which tenders there are, and where each of them stands in law."""
