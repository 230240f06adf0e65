"""Tests of the store and the ring."""
