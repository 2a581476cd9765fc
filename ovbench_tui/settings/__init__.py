"""What the user keeps from one start to the next: settings in a TOML file, recent models."""
