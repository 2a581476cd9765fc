"""Several models at once: a row and a chart each."""
