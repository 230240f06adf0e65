"""How an alert reaches a person who is not looking at the screen."""
