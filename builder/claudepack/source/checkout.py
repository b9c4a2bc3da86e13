"""The pack of a git repository: at a ref, or at the commit that a lock names."""

from claudepack.errors import ClaudepackError
from claudepack.pack.sdist import read_sdist
from claudepack.paths import is_confined
from claudepack.source.collected import read_collected_archive
from claudepack.source.git import Pin, check_pin, fetch_commit, find_kept_commit, find_pin, is_commit, refuse_moved
from claudepack.source.places import Found
from claudepack.source.requirement import Repository
from claudepack.urls import strip_credentials


def find_repository(repository: Repository, *, offline: bool) -> tuple[Found, Pin]:
    """The pack that a repository has now at the ref that is asked for.

    Raises:
        ClaudepackError: It cannot be had, or is no pack.
    """
    if offline and not is_commit(repository):
        raise ClaudepackError(
            f"{strip_credentials(repository.url)}: offline, nobody can tell what {repository.ref or 'it'} is now",
            code="offline",
            hint="leave --offline out, or name the whole commit",
        )
    pin = find_pin(repository)
    return _read_commit(repository, pin.commit, offline=offline), pin


def find_locked_commit(repository: Repository, commit: str, *, offline: bool, frozen: bool) -> Found:
    """The pack of the commit that a lock names.

    Raises:
        ClaudepackError: It cannot be had, or is no pack.
        IntegrityError: The tag has been moved since, and the lock is not all that is to be trusted.
    """
    check_pin(repository, commit)
    if repository.kind == "tag" and not (offline or frozen) and find_kept_commit(repository, commit) is None:
        refuse_moved(repository, commit)
    return _read_commit(repository, commit, offline=offline)


def _read_commit(repository: Repository, commit: str, *, offline: bool) -> Found:
    url = strip_credentials(repository.url)
    kept = find_kept_commit(repository, commit)
    if kept is None:
        if offline:
            raise ClaudepackError(
                f"offline, and {url} at {commit} is not in the cache", code="offline", hint="leave --offline out once"
            )
        kept = fetch_commit(repository, commit)
    where = f"{url} at {commit[:12]}"
    source = {"kind": "git", "url": url, "commit": commit}
    if repository.subdirectory:
        source["subdirectory"] = repository.subdirectory
    name = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    below = f"{name if is_confined(name) else 'repository'}/{repository.subdirectory}".rstrip("/")
    collected = read_collected_archive(kept.path, where, below, commit)
    if collected:
        return Found(collected[0], source, where, "; ".join(collected[1]))
    return Found(read_sdist(kept.path, where), source, where)
