"""One suite for each protocol, over the real adapter and its twin."""
