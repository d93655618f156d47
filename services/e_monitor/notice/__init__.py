"""通知: what reached whom about a card, and that it was received."""
