"""The samples of the pack `backend` as the one TypeScript project that they make."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from samples import Sample, read_samples

ROOT = Path(__file__).parents[1]
PACK = ROOT / "packs" / "backend"
SAMPLES = read_samples(PACK)
# What stands beside the samples in a real project: their libraries, and the compiler's options.
SURROUNDINGS = ROOT / "tests" / "packs" / "backend"


def place_of(sample: Sample) -> str:
    """The file that a sample becomes; one that names none gets a name."""
    return sample.file or (f"src/{sample.name}.ts" if sample.language == "ts" else f"unnamed/{sample.name}")


@dataclass(frozen=True)
class SampleProject:
    """The samples on disk, with what the compiler said of each file; `built` holds its JavaScript."""

    root: Path
    errors: Mapping[str, str]

    @property
    def built(self) -> Path:
        return self.root / "built"


def write_and_compile(root: Path, packages: Path) -> SampleProject:
    """Write every sample to its file and run the compiler once over all of them."""
    (root / "node_modules").symlink_to(packages)
    for name in ("package.json", "tsconfig.json"):
        shutil.copy2(SURROUNDINGS / name, root / name)
    for sample in SAMPLES:
        path = root / place_of(sample)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sample.text, encoding="utf-8")
    words = [str(packages / ".bin" / "tsc"), "--pretty", "false"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    errors: dict[str, str] = {}
    for line in done.stdout.splitlines():
        named = re.match(r"([\w./-]+)\(\d+,\d+\): ", line)
        file = named[1] if named else ""
        errors[file] = errors.get(file, "") + line + "\n"
    assert bool(done.returncode) == bool(errors), done.stdout + done.stderr
    return SampleProject(root, errors)
