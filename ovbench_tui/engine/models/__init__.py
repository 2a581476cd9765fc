"""Reading, reshaping and compiling a model, and what can be said about it."""
