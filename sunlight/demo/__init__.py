"""What only a demonstration has: its clock in every page's header, and the way to move it on."""
