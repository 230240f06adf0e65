"""One file a page, each `register(app, desk)`; a callback translates between page and Desk."""
