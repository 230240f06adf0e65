"""The core: pure functions over numpy arrays and small frozen types. No IO, clock, thread or logging."""
