"""One file a page; its name is its address."""
