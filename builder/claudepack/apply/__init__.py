"""The only room that writes into a project. Knows operations, not packs."""
