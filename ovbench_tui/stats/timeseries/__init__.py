"""What happened when: series of a run at any zoom."""
