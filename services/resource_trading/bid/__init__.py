"""Opened bids (投标): put on record after the opening, corrected, withdrawn, evaluated."""
