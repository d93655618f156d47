"""The catalogue of government service items (事项), each with its versions."""
