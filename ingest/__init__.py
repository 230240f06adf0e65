"""The outside world becomes `Ticks`: wire format, feed state machine, connection, replay, the local exchange."""
