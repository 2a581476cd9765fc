"""The keys, those that the user put in their place, and whether these can be used."""
