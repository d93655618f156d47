"""The case (办件): one application and everything an office does about it."""
