"""How long a program takes to start with a model: in fresh processes, part by part."""
