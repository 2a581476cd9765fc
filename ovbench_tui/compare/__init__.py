"""Two finished runs against each other: where they come from, and the report."""
