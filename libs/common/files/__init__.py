"""Attachments (附件): kept by their content, told apart by their content, given out unaltered."""
