"""PK, of plugins: manifests that name what is not there."""

from collections.abc import Iterator, Mapping

from claudepack.errors import ClaudepackError
from claudepack.lint.fault import Fault
from claudepack.lint.plugin_forms import LOADED, OFFERED, TOLD, find_misfits, find_name_fault, find_reserved_name
from claudepack.lint.registry import tree_rule
from claudepack.lint.subject import Facts, File, Subject
from claudepack.pack.collection import MARKETPLACE, PLUGIN
from claudepack.pack.json_file import parse_json_object
from claudepack.paths import is_confined

_SET_RIGHT = "set it right, or take it out"
_PATHS = ("agents", "commands", "skills", "outputStyles", "hooks", "mcpServers")


@tree_rule("PK010", "plugin-manifest", "error")
def find_bad_manifest(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The manifest of a plugin has no name, a value of a wrong kind, or names what is not in the plugin.

    Why:
        The client refuses a plugin without a name, or with a value of another kind than it reads: all of its components
        are lost then. It loads nothing from a path that leads nowhere, or out of the plugin.

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
    name = manifest.get("name")
    if file and not (isinstance(name, str) and name):
        yield Fault("there is no name", 'write "name": "…"', path=PLUGIN)
    elif isinstance(name, str) and (why := find_name_fault(name)):
        yield Fault(why, "give it another name", path=PLUGIN)
    misfits = dict(find_misfits(manifest, LOADED))
    for key in _PATHS:
        faults = list(_find_bad_paths(subject, file, key, manifest.get(key))) if file else []
        yield from faults
        if faults:
            misfits.pop(key, "")
    for key, words in misfits.items():
        yield Fault(f"{key} has to be {words}, so the client refuses the plugin", _SET_RIGHT, path=PLUGIN)


@tree_rule("PK012", "plugin-not-valid", "warning")
def find_invalid(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The manifest of a plugin has what `claude plugin validate` refuses, though the client loads the plugin.

    Why:
        Who publishes the plugin is stopped by it. A name that begins with `claude-` or `anthropic-` is kept for plugins
        of Anthropic's own; what tells of a plugin has to be of the kind that people are shown.

    Bad:
        .claude-plugin/plugin.json:
            {"name": "claude-review", "author": "us"}

    Good:
        .claude-plugin/plugin.json:
            {"name": "review", "author": {"name": "us"}, "homepage": "https://example.org/review"}
    """
    if PLUGIN not in subject.files or subject.read(PLUGIN).is_unread:
        return
    manifest = _read(subject, PLUGIN)
    if isinstance(manifest, ClaudepackError):
        return
    name = manifest.get("name")
    if isinstance(name, str) and (why := find_reserved_name(name)):
        yield Fault(why, "name it for what it does", path=PLUGIN)
    for key, words in find_misfits(manifest, TOLD):
        yield Fault(f"{key} has to be {words}, so `claude plugin validate` refuses it", _SET_RIGHT, path=PLUGIN)


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
            continue
        yield from _find_bad_offer(name, entry)
        if isinstance(source := entry.get("source"), str):
            why = _find_path_fault(subject, file, f"{base}/{source.removeprefix('./')}" if base else source)
            why = why or ("does not begin with ./" if not base and not source.startswith("./") else "")
            if why:
                hint = "mend the path: it is relative to the marketplace"
                yield Fault(f"{name}: {source!r} {why}", hint, path=MARKETPLACE)


def _find_bad_paths(subject: Subject, file: File, key: str, value: object) -> Iterator[Fault]:
    """What a manifest names of one kind that is not there, or is no such thing."""
    for said in value if isinstance(value, list) else [value]:
        if not isinstance(said, str) or "://" in said:
            continue
        why = _find_path_fault(subject, file, said)
        if not why and key == "skills" and file.real and (file.real.absolute().parents[1] / said).is_file():
            why = "is a file, and a skill is a directory"
        if why:
            yield Fault(f"{key}: {said!r} {why}", "mend the path: it is relative to the plugin", path=PLUGIN)


def _find_bad_offer(name: str, entry: Mapping[str, object]) -> Iterator[Fault]:
    """What keeps the client from installing what a marketplace offers, wherever that lies."""
    if why := find_name_fault(name):
        yield Fault(why, "give it another name", path=MARKETPLACE)
    elif why := find_reserved_name(name):
        yield Fault(why, "name it for what it does", path=MARKETPLACE)
    for key, words in find_misfits(entry, OFFERED):
        told = f"{name}: {key} has to be {words}, so the client does not install it"
        yield Fault(told, _SET_RIGHT, path=MARKETPLACE)


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
