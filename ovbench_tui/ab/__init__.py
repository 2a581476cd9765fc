"""Two configurations or models run in turn: the plan, the progress and the report."""
