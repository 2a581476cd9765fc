"""Values behind the names of ports: how they are split, read and matched with the model."""
