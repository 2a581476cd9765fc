"""The history of finished runs: an SQLite database, its writer and its reader."""
