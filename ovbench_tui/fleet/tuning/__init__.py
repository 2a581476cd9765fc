"""A search for the best configuration, shared among machines of one kind."""
