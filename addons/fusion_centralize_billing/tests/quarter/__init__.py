"""A quarter of customers with scripted cards: lived through here, predicted by an oracle."""
