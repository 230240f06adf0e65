"""Composition with state: the Desk (the one door for web and API), the feed, the pulse."""
