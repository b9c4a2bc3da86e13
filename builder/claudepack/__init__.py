"""claudepack: versioned packs of Claude Code agents, installed into any repository and kept in step."""

__version__ = "0.1.0"
