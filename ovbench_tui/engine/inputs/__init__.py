"""The tensors that are fed: random, from files, for each data shape."""
