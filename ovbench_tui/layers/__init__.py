"""Two compiled models, layer by layer: what each layer takes, and what became another one."""
