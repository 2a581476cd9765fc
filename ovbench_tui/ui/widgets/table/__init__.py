"""Tables that scroll, sort and filter, and the lines of their keys."""
