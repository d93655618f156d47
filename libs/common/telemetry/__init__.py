"""Logs, metrics and traces, declared the same way in every service."""
