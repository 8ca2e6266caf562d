"""A build spread over the workers of a Dask cluster; whoever builds still holds the lock and writes alone."""
