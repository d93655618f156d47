"""Who acts: posts of offices, and how a service knows which of them asks."""
