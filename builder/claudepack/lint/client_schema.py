"""JSON Schemas of the client's `settings.json` and `.mcp.json`, as far as what it drops can be told from them.

Observed on 2.1.328: a value of a wrong kind makes the client drop the whole of the settings, so the kinds are those of
keys that have been what they are for long; of every other key only the name is known here. A hook, or a server, that is
wrong goes alone.
"""

Schema = dict[str, object]

_FLAGS = """
    allowManagedHooksOnly alwaysThinkingEnabled disableAllHooks enableAllProjectMcpServers fastMode includeCoAuthoredBy
    includeGitInstructions prefersReducedMotion respectGitignore showTurnDuration skipDangerousModePermissionPrompt
    skipWebFetchPreflight spinnerTipsEnabled terminalProgressBarEnabled autoMemoryEnabled
"""
_TEXTS = """
    $schema apiKeyHelper awsAuthRefresh awsCredentialExport gcpAuthRefresh otelHeadersHelper proxyAuthHelper
    language model outputStyle plansDirectory agent autoMemoryDirectory minimumVersion
"""
_LISTS = (
    "availableModels companyAnnouncements disabledMcpjsonServers enabledMcpjsonServers fallbackModel claudeMdExcludes"
)
_NAMES = """
    additionalMarketplaces advisorModel agentPushNotifEnabled allowAllClaudeAiMcps allowClaudeInChromeWithManagedMcp
    allowManagedMcpServersOnly allowManagedPermissionRulesOnly allowNestedModelAccessUnderForceLogin
    allowedChannelPlugins allowedHttpHookUrls allowedMarketplaces allowedMcpServers allowedProviders appendPlugins
    askUserQuestionTimeout attribution attributionProject attributionProjectPolicy autoCompactEnabled
    autoCompactOfferAnswer autoCompactRaisedForLoad autoCompactWindow autoContinueAtUsageLimit autoDreamEnabled
    autoScrollEnabled autoUpdatesChannel autoUploadSessions availableModelsMatch awaySummaryEnabled bashEditDiffEnabled
    bashOutputMaxChars blockedMarketplaces breakReminder channelsEnabled claudeMd clawdFileProgressEnabled
    cleanupPeriodDays crossSessionInbound daemonColdStart defaultShell deniedMcpServers deniedModels
    desktopSessionCleanupPeriodDays dialogExpiry disableAgentView disableArtifact disableAutoMode disableBundledSkills
    disableClaudeAiConnectors disableCommandPluginSources disableRemoteControl disableReplyCheck disableSideloadFlags
    disableSkillShellExecution disableWindowsBashCommandSplit disableWorkflows doneMeansMerged editorMode effortLevel
    emojiCompletionEnabled enableArtifact enableWorkflows enabledPlugins enforceAvailableModels extraKnownMarketplaces
    fastModePerSessionOptIn feedbackDrafts feedbackSurveyRate fileCheckpointingEnabled fileSuggestion
    footerLinksRegexes forceLoginGatewayUrl forceLoginMethod forceLoginOrgUUID forceRemoteSettingsRefresh
    gatewayInternalNetworks httpHookAllowedEnvVars idleCompaction inputNeededNotifEnabled isolatePeerMachines
    keybindingFlavor managedMcpServers managedSourcesBehavior maxEffortLevel maxProseWidth modelOverrides modelPicker
    modelPricing modelProposedGoals modelSettings parentSettingsBehavior pluginConfigs pluginSuggestionMarketplaces
    pluginTrustMessage policyHelper policyHelpers prUrlTemplate precomputeArmTokens precomputeCompactionEnabled
    preferredNotifChannel prependPlugins processWrapper promptCacheTtl promptSuggestionEnabled quietHours remote
    remoteControl remoteControlAtStartup remoteMessageReceipts remoteTools requiredMaximumVersion
    requiredMinimumVersion respondToBashCommands responseComparisonEnabled sandbox showClearContextOnPlanAccept
    showMessageTimestamps showThinkingSummaries skillListingBudgetFraction skillListingMaxDescChars skillOverrides
    skipWorkflowUsageWarning spellcheck spinnerTipsOverride spinnerVerbs sshConfigs sshHostCommands
    strictKnownMarketplaces strictPluginOnlyCustomization subagentPromptCacheTtl subagentStatusLine switchModelsOnFlag
    syncClaudeAiPlugins syncClaudeAiSkills syntaxHighlightingDisabled taskOutputMaxChars teammateMode
    terminalTitleFromRename theme timeFormat timeZone todoFeatureEnabled totalTokensReminder
    totalTokensReminderAfterUserTurn totalTokensReminderBudget tui ultracode verbose viewMode vimInsertModeRemaps voice
    wheelScrollAccelerationEnabled workflowKeywordTriggerEnabled workflowSizeGuideline worktree
    wslInheritsWindowsSettings xaaIdp
"""
EVENTS = tuple(
    """
    PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptSubmit UserPromptExpansion
    SessionStart SessionEnd Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact PreModelSwitch
    PostModelSwitch PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation
    ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged
    DirectoryAdded MessageDisplay
    """.split()  # noqa: SIM905 - a list of so many words is read as a text
)
PERMISSION_MODES = ("default", "acceptEdits", "auto", "dontAsk", "bypassPermissions", "plan", "manual")
RESERVED_SERVERS = ("claude-in-chrome", "computer-use", "workspace")
_NEEDED = {
    "command": ("command",),
    "prompt": ("prompt",),
    "agent": ("prompt",),
    "http": ("url",),
    "mcp_tool": ("server", "tool"),
}

SETTING_NAMES = frozenset(f"{_FLAGS}{_TEXTS}{_LISTS}{_NAMES} env permissions hooks statusLine".split())

_REMOTE = ["http", "streamable-http", "sse", "ws"]
_TEXT: Schema = {"type": "string"}
_WORDS: Schema = {"type": "array", "items": _TEXT}


def make_settings_schema() -> Schema:
    """The schema of `settings.json` and `settings.local.json`."""
    keys: dict[str, Schema] = {name: {} for name in _NAMES.split()}
    keys |= {name: {"type": "boolean"} for name in _FLAGS.split()}
    keys |= dict.fromkeys(_TEXTS.split(), _TEXT)
    keys |= dict.fromkeys(_LISTS.split(), _WORDS)
    keys["cleanupPeriodDays"] = {"type": "number"}
    keys["env"] = {"type": "object"}
    keys["statusLine"] = {
        "type": "object",
        "required": ["type", "command"],
        "properties": {"type": {"const": "command"}, "command": _TEXT},
    }
    keys["permissions"] = {
        "type": "object",
        "properties": {
            **{name: {"type": "array"} for name in ("allow", "ask", "deny", "additionalDirectories")},
            "defaultMode": {"enum": list(PERMISSION_MODES)},
        },
    }
    keys["hooks"] = make_hooks_schema()
    return {"type": "object", "properties": keys, "additionalProperties": False}


def make_hooks_schema() -> Schema:
    """The schema of `hooks`, in settings and in a plugin's `hooks/hooks.json`."""
    hook: Schema = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(_NEEDED)}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": kind}}, "required": ["type"]},
                "then": {
                    "required": list(keys),
                    "properties": {key: {"type": "string", "minLength": 1} for key in keys},
                },
            }
            for kind, keys in _NEEDED.items()
        ],
    }
    group: Schema = {
        "type": "object",
        "required": ["hooks"],
        "properties": {"matcher": _TEXT, "hooks": {"type": "array", "items": hook}},
    }
    return {
        "type": "object",
        "propertyNames": {"enum": list(EVENTS)},
        "additionalProperties": {"type": "array", "items": group},
    }


def make_servers_schema() -> Schema:
    """The schema of `.mcp.json`."""
    texts: Schema = {"type": "object", "additionalProperties": _TEXT}
    remote: Schema = {"required": ["url"], "properties": {"url": {"type": "string", "minLength": 1}, "headers": texts}}
    local: Schema = {
        "required": ["command"],
        "properties": {"command": {"type": "string", "minLength": 1}, "args": _WORDS, "env": texts},
    }
    server: Schema = {
        "type": "object",
        "properties": {"type": {"enum": ["stdio", *_REMOTE]}},
        "allOf": [
            {"if": {"required": ["type"], "properties": {"type": {"enum": _REMOTE}}}, "then": remote},
            {"if": {"properties": {"type": {"const": "stdio"}}}, "then": local},
        ],
    }
    return {
        "type": "object",
        "required": ["mcpServers"],
        "properties": {"mcpServers": {"type": "object", "additionalProperties": server}},
    }
