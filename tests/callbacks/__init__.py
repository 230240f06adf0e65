"""Tests of the callbacks: the page driven over HTTP, as a browser does, on a fake Desk."""
