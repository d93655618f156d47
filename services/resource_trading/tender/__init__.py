"""The tender (招标): one lot from publication to the evaluation of its bids."""
