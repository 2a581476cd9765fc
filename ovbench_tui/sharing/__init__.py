"""One self-contained page of runs, to send to somebody else."""
