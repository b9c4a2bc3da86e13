"""What is written for people into repositories, from templates: commit messages, and pull requests."""

from collections.abc import Mapping

from claudepack.errors import ClaudepackError
from claudepack.resources import locate_resource


def read_template(name: str) -> str:
    """One of the templates that come with this program."""
    return (locate_resource("templates") / "fleet" / f"{name}.j2").read_text(encoding="utf-8")


def render(template: str, values: Mapping[str, object], name: str) -> str:
    """Render a template, which can do nothing but make a text.

    Raises:
        ClaudepackError: It is none, or asks for what it is not given.
    """
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    try:
        return environment.from_string(template).render(values)
    except TemplateError as error:
        raise ClaudepackError(f"{name}: {error}", code="template", hint="mend the template") from error
