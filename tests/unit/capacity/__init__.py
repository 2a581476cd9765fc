"""The capacity: rates, the search, the reports."""
