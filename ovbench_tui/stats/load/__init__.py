"""An open loop: what it counts as it goes on, folded into the figures of a run."""
