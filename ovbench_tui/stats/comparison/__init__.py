"""Is one run faster than another: intervals and effect sizes."""
