"""The fields of frontmatter that the client knows, by the kind of component; observed as `lint/known.py` is."""

from collections.abc import Mapping

from claudepack.pack.components import Kind

_FIELDS_OF_SKILLS = frozenset(
    [
        "name",
        "description",
        "when_to_use",
        "license",
        "compatibility",
        "metadata",
        "version",
        "author",
        "allowed-tools",
        "disallowed-tools",
        "argument-hint",
        "arguments",
        "disable-model-invocation",
        "user-invocable",
        "model",
        "effort",
        "shell",
        "paths",
        "hooks",
        "context",
        "agent",
        "background",
    ]
)
FIELDS: Mapping[Kind, frozenset[str]] = {
    "agent": frozenset(
        [
            "name",
            "description",
            "tools",
            "disallowedTools",
            "model",
            "permissionMode",
            "maxTurns",
            "skills",
            "mcpServers",
            "hooks",
            "memory",
            "background",
            "effort",
            "isolation",
            "color",
            "initialPrompt",
            "autoCompactWindow",
            "experimental",
            "observer",
            "observerMessage",
            "observeSubagents",
            "observeToolResults",
            "omitClaudeMd",
        ]
    ),
    "skill": _FIELDS_OF_SKILLS,
    "command": _FIELDS_OF_SKILLS,
    "rule": frozenset(["paths", "globs", "alwaysApply", "description", "name"]),
    "output style": frozenset(["name", "description", "keep-coding-instructions"]),
}
