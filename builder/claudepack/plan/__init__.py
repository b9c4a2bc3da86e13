"""Pure decisions: wanted x base x disk gives operations."""
