"""What a user has decided beforehand about files that no rule can decide about."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Side = Literal["ours", "theirs", "merged"]


class Resolution(NamedTuple):
    """How a pending conflict ends; `text` is what to write for `merged`."""

    side: Side
    text: bytes = b""


class Choices(NamedTuple):
    """The decisions of one run.

    Attributes:
        adopt: The files in the way that are taken under management as edits; `*` for all.
        replace: The files in the way that make room, and are kept beside; `*` for all.
        resolve: The conflicts that end, by path.
        markers: Whether a conflict is written into the file itself, with markers.
    """

    adopt: frozenset[str] = frozenset()
    replace: frozenset[str] = frozenset()
    resolve: Mapping[str, Resolution] = {}
    markers: bool = False

    def choose_collision(self, path: str) -> Literal["adopt", "replace", "collision"]:
        """What happens to a file that is in the way; what is named goes before `*`."""
        for chosen, other, action in (
            (self.adopt, self.replace, "adopt"),
            (self.replace, self.adopt, "replace"),
        ):
            if path in chosen or ("*" in chosen and path not in other):
                return action  # type: ignore[return-value]  # one of the two words above
        return "collision"


NONE = Choices()
