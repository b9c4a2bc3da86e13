"""PK, of plugins: manifests that name what is not there."""

from collections.abc import Iterator, Mapping

from claudepack.errors import ClaudepackError
from claudepack.lint.fault import Fault
from claudepack.lint.registry import tree_rule
from claudepack.lint.subject import Facts, File, Subject
from claudepack.pack.collection import MARKETPLACE, PLUGIN
from claudepack.pack.json_file import parse_json_object
from claudepack.paths import is_confined

_PATHS = ("agents", "commands", "skills", "outputStyles", "hooks", "mcpServers")


@tree_rule("PK010", "plugin-manifest", "error")
def find_bad_manifest(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The manifest of a plugin has no name, or names what is not in the plugin.

    Why:
        The client refuses a plugin without a name, and loads nothing from a path that leads nowhere, or out of it.

    Bad:
        .claude-plugin/plugin.json:
            {"name": "review", "agents": "./reviewers/"}

    Good:
        .claude-plugin/plugin.json:
            {"name": "review", "hooks": {}, "skills": ["./"]}
    """
    file = subject.files.get(PLUGIN)
    if file and subject.read(PLUGIN).is_unread:
        return
    manifest = _read(subject, PLUGIN) if file else {}
    if isinstance(manifest, ClaudepackError):
        yield Fault(manifest.message.removeprefix(f"{PLUGIN}: "), manifest.hint, path=PLUGIN)
        return
    if file and not (isinstance(manifest.get("name"), str) and manifest["name"]):
        yield Fault("there is no name", 'write "name": "…"', path=PLUGIN)
    for key in _PATHS:
        value = manifest.get(key)
        for said in value if isinstance(value, list) else [value]:
            if file and isinstance(said, str) and (why := _find_path_fault(subject, file, said)):
                yield Fault(f"{key}: {said!r} {why}", "mend the path: it is relative to the plugin", path=PLUGIN)


@tree_rule("PK011", "marketplace-manifest", "error")
def find_bad_marketplace(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The manifest of a marketplace cannot be read, or offers a plugin that is not there.

    Why:
        Whoever adds the marketplace is told of an error, and gets none of its plugins.

    Bad:
        .claude-plugin/plugin.json:
            {"name": "shop"}
        .claude-plugin/marketplace.json:
            {"name": "shop", "owner": {"name": "us"}, "plugins": [{"name": "review", "source": "./plugins/review"}]}

    Good:
        .claude-plugin/plugin.json:
            {"name": "shop"}
        .claude-plugin/marketplace.json:
            {"name": "shop", "owner": {"name": "us"}, "plugins": [
              {"name": "review", "source": {"source": "github", "repo": "us/review"}}
            ]}
    """
    file = subject.files.get(MARKETPLACE)
    if file is None or subject.read(MARKETPLACE).is_unread:
        return
    manifest = _read(subject, MARKETPLACE)
    if isinstance(manifest, ClaudepackError):
        yield Fault(manifest.message.removeprefix(f"{MARKETPLACE}: "), manifest.hint, path=MARKETPLACE)
        return
    plugins, metadata = manifest.get("plugins"), manifest.get("metadata")
    base = metadata.get("pluginRoot", "") if isinstance(metadata, dict) else ""
    if not isinstance(plugins, list):
        yield Fault('"plugins" is no list', 'write "plugins": [ … ]', path=MARKETPLACE)
        return
    for entry in plugins:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not isinstance(entry, dict):
            yield Fault("a plugin without a name", 'write "name": "…"', path=MARKETPLACE)
        elif isinstance(source := entry.get("source"), str):
            why = _find_path_fault(subject, file, f"{base}/{source.removeprefix('./')}" if base else source)
            if why:
                hint = "mend the path: it is relative to the marketplace"
                yield Fault(f"{name}: {source!r} {why}", hint, path=MARKETPLACE)


def _read(subject: Subject, path: str) -> Mapping[str, object] | ClaudepackError:
    try:
        return parse_json_object(subject.read(path).data, path)
    except ClaudepackError as error:
        return error


def _find_path_fault(subject: Subject, file: File, said: str) -> str:
    """What is wrong with a path in a manifest, which is relative to the folder above its own."""
    path = said.removeprefix("./").strip("/")
    if path in ("", "."):
        return ""
    if not is_confined(path):
        return "leads out of it"
    if file.real:
        return "" if (file.real.absolute().parents[1] / path).exists() else "is not there"
    there = any(name == path or name.startswith(f"{path}/") for name in subject.files)
    return "" if there else "is not there"
