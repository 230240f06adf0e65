"""REST and WebSocket: HTTP to Desk and back, and the guard in front of everything."""
