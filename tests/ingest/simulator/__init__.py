"""The local exchange, seen from outside and piece by piece."""
