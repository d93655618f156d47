"""The window console: pages of the clerks and approvers of an office."""
