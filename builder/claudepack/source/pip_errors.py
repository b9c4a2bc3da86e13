"""What pip says when it fails, in the words of this tool. Pure: two texts become an error."""

import re

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.source.pace import TOO_SLOW
from claudepack.source.resolution import NoMatchError
from claudepack.urls import redact

_NO_MATCH = re.compile(r"satisfies the requirement ([A-Za-z0-9._-]+)(.*?) \(from versions: (.*?)\)")
_BARE_NO_MATCH = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)(\S*)")
_CROSS = "\N{MULTIPLICATION SIGN}"  # begins what pip says in its newer way
_NO_NETWORK = (
    "connection-failed",
    "NewConnectionError",
    "NameResolutionError",
    "Max retries exceeded",
    "Connection refused",
    "connection error",
    "ReadTimeoutError",
    "ConnectTimeoutError",
    "didn't respond within",
    ": timed out - skipping",
    "ProxyError",
)


def explain(told: str, logged: str, index: str) -> ClaudepackError:
    """An error of pip's.

    Args:
        told: What it wrote to standard error.
        logged: Its log, in which every page is that it could not fetch.
        index: How people are told of the index; empty for pip's own.
    """
    where = index or "the index"
    whole = redact(f"{told}\n{logged}")
    if "DO NOT MATCH THE HASHES" in whole:
        return _explain_hash(whole, where)
    for code, message, hint in _list_known(whole, where):
        return ClaudepackError(message, code=code, hint=hint)
    match = _NO_MATCH.search(whole) or _BARE_NO_MATCH.search(whole)
    if match:
        listed = match[3] if match.re is _NO_MATCH else "none"
        versions = tuple(version.strip() for version in listed.split(",")) if listed != "none" else ()
        return _explain_no_match(match[1], match[2].strip(), versions, whole, where)
    if "ERROR: Exception:" in told:  # pip reads what it is given as it is meant to be, and breaks where it is not
        return ClaudepackError(
            f"the answer of {where} cannot be read: {redact(told).rstrip().splitlines()[-1].strip()}",
            code="index",
            hint="is its URL that of a simple API (…/simple)? Open it, or ask its keeper",
        )
    lines = [line for line in redact(told).splitlines() if line.lower().startswith(("error:", _CROSS))]
    reason = lines[-1].lstrip(_CROSS).strip().removeprefix("ERROR: ") if lines else "it failed and said nothing"
    return ClaudepackError(f"pip: {reason}", code="index", hint="python -m pip download says more")


def _list_known(whole: str, where: str) -> list[tuple[str, str, str]]:
    """What is wrong with the way to the index, the surest sign first."""
    known = []
    if f"TooSlowError: {TOO_SLOW}" in whole:
        known.append(
            (
                "network",
                f"{where} answers with {TOO_SLOW}",
                "try again later; where the line is that slow, PIP_TIMEOUT=60 has four times the patience of pip's 15",
            )
        )
    if re.search(r"40[13] (Client )?Error|40[13] error", whole):
        known.append(
            (
                "auth",
                f"{where} denies access",
                "give pip the credentials: ~/.netrc, keyring, or a URL with them in CLAUDEPACK_INDEX_URL",
            )
        )
    reason = _quote(whole, r"(certificate verify failed[^(]*)")
    if "ssl certificate" in whole or "CERTIFICATE_VERIFY_FAILED" in whole or "SSLError" in whole:
        known.append(
            (
                "tls",
                f"{where} has a certificate that nobody here vouches for: {reason}",
                "tell pip of your own authority: pip config set global.cert FILE",
            )
        )
    if "not a trusted or secure host" in whole:
        known.append(("tls", f"{where} is not asked over plain http", "use its https URL"))
    if match := re.search(r"too many (5\d\d) error responses|(5\d\d) Server Error", whole):
        known.append(("index", f"{where} fails: HTTP {match[1] or match[2]}", "try again later, or ask its keeper"))
    if "incomplete-download" in whole or re.search(r"Wheel '.*' located at .* is invalid", whole):
        known.append(
            ("index", f"{where} delivers half a file, or none that is a wheel", "try again, or ask its keeper")
        )
    if "does not provide upload-time metadata" in whole:
        known.append(
            ("index", f"{where} does not say when files were uploaded", "take minimum-age out of claudepack.toml")
        )
    if any(sign in whole for sign in _NO_NETWORK):
        known.append(("network", f"{where} cannot be reached", "check the network and the URL, or use --offline"))
    return known


def _explain_hash(whole: str, where: str) -> IntegrityError:
    got = _quote(whole, r"Got\s+([0-9a-f]{64})")
    expected = _quote(whole, r"Expected sha256 ([0-9a-f]{64})")
    return IntegrityError(
        f"{where} delivers a file with the SHA-256 {got}, and {expected} was promised",
        code="integrity",
        hint="do not trust it; ask its author or the index's keeper which is right",
    )


def _explain_no_match(name: str, specifier: str, versions: tuple[str, ...], whole: str, where: str) -> NoMatchError:
    if versions:
        return NoMatchError(
            f"{where} has no {name} {specifier}: there is {', '.join(versions)}",
            distribution=name,
            versions=versions,
            hint=_find_early(name, specifier, versions) or "ask for one of these",
        )
    hint = ""
    if "No sources permitted" in whole:
        hint = "there are only source distributions of it, which would have to be built: ask its author for a wheel"
    elif re.search(r"Fetched page \S+ as", whole):
        hint = "it answers, and lists no wheel: is its URL that of a simple API (…/simple)?"
    return NoMatchError(f"{where} has no {name}", distribution=name, versions=(), hint=hint)


def _find_early(name: str, specifier: str, versions: tuple[str, ...]) -> str:
    """That a pre-release would do, if somebody asked for it."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        early = list(SpecifierSet(specifier).filter(versions, prereleases=True))
    except InvalidSpecifier:
        return ""
    short = name.removeprefix("claudepack-")
    return f"there is only the pre-release {early[-1]}: claudepack install '{short}>={early[-1]}'" if early else ""


def _quote(whole: str, pattern: str) -> str:
    match = re.search(pattern, whole)
    return match[1].strip() if match else "unknown"
