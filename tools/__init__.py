"""Commands of the repository itself: locking, vendoring and checks. Nothing here is deployed."""
