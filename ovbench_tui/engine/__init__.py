"""The inference engine: reads, compiles and runs a model; knows nothing of the screen."""
