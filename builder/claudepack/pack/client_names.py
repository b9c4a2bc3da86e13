"""Names that the client gives a meaning of its own in `settings.json` and `.mcp.json`: observed of 2.1.328."""

HOOK_EVENTS = frozenset(
    """
    PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptSubmit UserPromptExpansion
    SessionStart SessionEnd Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact PreModelSwitch
    PostModelSwitch PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation
    ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged
    DirectoryAdded MessageDisplay
    """.split()  # noqa: SIM905 - so many words are read as a text
)
RESERVED_SERVERS = frozenset(["claude-in-chrome", "computer-use", "workspace"])
