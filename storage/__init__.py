"""Where trades live: the ring buffer in memory and the SQL store behind its one writer thread."""
