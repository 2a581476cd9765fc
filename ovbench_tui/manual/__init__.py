"""The manual's pages, and how to read and search them."""
