"""Tests of the layouts: numbers, address, figures, cards, page."""
