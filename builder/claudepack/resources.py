"""What is shipped beside the code: in a wheel within the package, in a checkout at its top."""

from pathlib import Path

import claudepack


def locate_resource(name: str) -> Path:
    """The directory of the bundled packs (`packs`) or of the templates (`templates`)."""
    package = Path(claudepack.__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parents[1] / name
