"""Which configurations are measured, in which order, and when one is given up."""
