"""What the client knows: values, models, tools. Observed on 2.1.328, with what its documentation adds.

Its fields are in `pack/fields.py`: a pack is read by them, too.
"""

import re
from collections.abc import Mapping

from claudepack.pack.components import Kind

OBSERVED = "2.1.328"  # the client that messages name where a newer one may know more
# Of an agent: an invalid one is dropped, and the rest of the agent is loaded without it.
VALUES: Mapping[str, tuple[str, ...]] = {
    "color": ("red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"),
    "permissionMode": ("default", "acceptEdits", "auto", "dontAsk", "bypassPermissions", "plan", "manual"),
    "memory": ("user", "project", "local"),
    "isolation": ("worktree", "remote"),
    "effort": ("low", "medium", "high", "xhigh", "max"),
    "background": ("true", "false"),
}
MODELS = ("sonnet", "opus", "haiku", "fable", "inherit", "best", "default", "opusplan")
# An id of Anthropic's, also as clouds spell it: a region and a vendor before it, a version after it.
FULL_MODEL = re.compile(r"claude-(?:[a-z]+-)?\d")
# From a model's id to the day since which it no longer answers.
RETIRED: Mapping[str, str] = {
    "claude-1": "2024-11-06",
    "claude-instant": "2024-11-06",
    "claude-2": "2025-07-21",
    "claude-3-sonnet": "2025-07-21",
    "claude-3-5-sonnet": "2025-10-28",
    "claude-3-opus": "2026-01-05",
    "claude-3-7-sonnet": "2026-02-19",
    "claude-3-5-haiku": "2026-02-19",
    "claude-opus-4-0": "2026-06-15",
    "claude-opus-4-20250514": "2026-06-15",
    "claude-sonnet-4-0": "2026-06-15",
    "claude-sonnet-4-20250514": "2026-06-15",
}
TOOLS = frozenset(
    [
        "Agent",
        "Artifact",
        "ArtifactCheck",
        "ArtifactComments",
        "ArtifactData",
        "AskUserQuestion",
        "Bash",
        "Brief",
        "CronCreate",
        "CronDelete",
        "CronList",
        "DesignSync",
        "Edit",
        "EnterPlanMode",
        "EnterWorktree",
        "ExitPlanMode",
        "ExitWorktree",
        "Glob",
        "Grep",
        "LSP",
        "ListAgents",
        "ListMcpResourcesTool",
        "ListPeers",
        "Monitor",
        "NotebookEdit",
        "PowerShell",
        "Projects",
        "PushNotification",
        "REPL",
        "Read",
        "ReadMcpResourceDirTool",
        "ReadMcpResourceTool",
        "RemoteTrigger",
        "ReportFindings",
        "ScheduleWakeup",
        "SendMessage",
        "SendUserFile",
        "SendUserMessage",
        "ShareOnboardingGuide",
        "Skill",
        "StructuredOutput",
        "SubscribePR",
        "Task",
        "TaskCreate",
        "TaskGet",
        "TaskList",
        "TaskStop",
        "TaskUpdate",
        "TodoWrite",
        "ToolSearch",
        "WaitForMcpServers",
        "WebFetch",
        "WebSearch",
        "Workflow",
        "Write",
    ]
)
# What older versions had, and what does its work; empty where nothing needs to.
FORMER_TOOLS: Mapping[str, str] = {
    "AgentOutput": "",
    "AgentOutputTool": "",
    "BashOutput": "Read",
    "BashOutputTool": "Read",
    "KillBash": "TaskStop",
    "KillShell": "TaskStop",
    "LS": "Bash",
    "MultiEdit": "Edit",
    "NotebookRead": "Read",
    "SlashCommand": "Skill",
    "TaskOutput": "",
    "TeamCreate": "",
    "TeamDelete": "",
}
MOST_LISTED = 1536  # of a skill's description, in characters; what follows is cut
# Of a file, in bytes: a larger one is skipped.
MOST_BYTES: Mapping[Kind | None, int] = {
    "skill": 1_000_000,
    "agent": 1 << 20,
    "command": 1 << 20,
    "output style": 1 << 20,
    "settings": 2 << 20,
    "rule": 4 << 20,
    "context": 4 << 20,
}
MOST_OF_PLUGIN_SKILL = 1 << 20


def split_tools(value: object) -> list[str]:
    """The tools that a field names, each without what stands in parentheses behind it."""
    if isinstance(value, list):
        return [name for item in value if isinstance(item, str) for name in split_tools(item)]
    if not isinstance(value, str):
        return []
    if "(" not in value:
        return value.replace(",", " ").split()
    without, depth = [], 0
    for char in value:
        depth += (char == "(") - (char == ")" and depth > 0)
        if not depth and char != ")":
            without.append(char)
    return "".join(without).replace(",", " ").split()
