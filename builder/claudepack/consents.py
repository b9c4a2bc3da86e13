"""The kinds of consent that a project gives to a pack; manifest and packs share the words."""

CONSENTS = ("hooks", "mcp", "permissions", "executables")
