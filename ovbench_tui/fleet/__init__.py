"""The same engine on many machines at once, through a Dask cluster."""
