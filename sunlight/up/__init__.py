"""`sunlight up`: everything on one machine, started, watched over and ended together."""
