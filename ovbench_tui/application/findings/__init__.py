"""What may hold a program back, each with the evidence that it needs."""
