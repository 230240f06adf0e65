"""Every fault of the local exchange, as a client meets it."""
