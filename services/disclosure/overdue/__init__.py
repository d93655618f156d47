"""Overdue matters (超期): counted by office, and shown one by one with the office's answer."""
