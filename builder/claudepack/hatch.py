"""The build hook `claudepack` for hatchling: a pack that is broken does not build, whoever builds it.

It only validates and adds no bytes. A pack asks for it with `[tool.hatch.build.hooks.claudepack]` and
`claudepack` among its build requirements; a pack without it builds too.
"""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

from claudepack.lint.gate import BUILDING, refuse_errors
from claudepack.pack.directory import read_directory


class PackHook(BuildHookInterface):  # type: ignore[type-arg]  # generic in a configuration that it has none of
    """Validates the pack before hatchling packs it."""

    PLUGIN_NAME = "claudepack"

    def initialize(self, version: str, build_data: dict[str, object]) -> None:  # noqa: ARG002 - hatchling's signature
        """Refuse a broken pack.

        Raises:
            ClaudepackError: With every finding in its message.
        """
        refuse_errors(read_directory(Path(self.root)), BUILDING)


@hookimpl
def hatch_register_build_hook() -> type[PackHook]:
    """Tell hatchling of the hook."""
    return PackHook
