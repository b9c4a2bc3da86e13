"""What pip says is told in our words: what is wrong, where, and what to do."""

import pytest

from claudepack.source.pip_errors import explain
from claudepack.source.resolution import NoMatchError

NO_MATCH = "ERROR: Could not find a version that satisfies the requirement claudepack-x (from versions: none)\n"
FETCH = "Could not fetch URL https://u:secret@h/simple/claudepack-x/: {} - skipping"


@pytest.mark.parametrize(
    ("told", "logged", "code", "message", "hint"),
    [
        (NO_MATCH, FETCH.format("404 Client Error: Not Found"), "not-found", "I has no claudepack-x", ""),
        (NO_MATCH, "Fetched page https://h/simple/claudepack-x/ as text/html", "not-found", "I has no", "simple API"),
        (NO_MATCH, "Skipping link: No sources permitted for x", "not-found", "I has no", "source distributions"),
        (NO_MATCH.replace("-x (", "-x>=2 (").replace("none", "1.0, 1.1"), "", "version", "there is 1.0, 1.1", "one of"),
        (NO_MATCH.replace("-x (", "-x>=1.2 (").replace("none", "1.0, 2.0a1"), "", "version", "2.0a1", "x>=2.0a1"),
        ("ERROR: No matching distribution found for claudepack-x", "", "not-found", "I has no claudepack-x", ""),
        (NO_MATCH, FETCH.format("401 Client Error: Unauthorized"), "auth", "I denies access", "netrc"),
        (NO_MATCH, FETCH.format("403 Client Error: Forbidden"), "auth", "I denies access", "netrc"),
        ("ERROR: HTTP error 401 while getting https://h/x.whl", "401 Client Error", "auth", "I denies access", ""),
        (
            NO_MATCH,
            FETCH.format(
                "There was a problem confirming the ssl certificate: [SSL: CERTIFICATE_VERIFY_FAILED] certificate "
                "verify failed: self-signed certificate (_ssl.c:1006)"
            ),
            "tls",
            "verify failed: self-signed certificate",
            "pip config",
        ),
        (NO_MATCH, FETCH.format("too many 500 error responses"), "index", "HTTP 500", "later"),
        (NO_MATCH, FETCH.format("503 Server Error: Busy"), "index", "HTTP 503", "later"),
        (NO_MATCH, FETCH.format("connection error: NewConnectionError(refused)"), "network", "cannot be reached", ""),
        (NO_MATCH, FETCH.format("h didn't respond within 15.0 seconds"), "network", "cannot be reached", "network"),
        (NO_MATCH, FETCH.format("timed out"), "network", "cannot be reached", "network"),
        (
            "ERROR: Exception:\nTraceback (most recent call last):\nTooSlowError: fewer than 1,000 bytes a second",
            "",
            "network",
            "I answers with fewer than 1,000 bytes a second",
            "PIP_TIMEOUT",
        ),
        (NO_MATCH, "The repository located at h is not a trusted or secure host", "tls", "plain http", "https"),
        ("error: incomplete-download", "", "index", "half a file", "again"),
        ("ERROR: Wheel 'x' located at /tmp/x.whl is invalid.", "", "index", "half a file", "again"),
        ("ERROR: Index I does not provide upload-time metadata.", "", "index", "uploaded", "minimum-age"),
        ("ERROR: something else with https://u:secret@h/\n", "", "index", "pip: something else with https://h/", ""),
        (
            "ERROR: Exception:\nTraceback (most recent call last):\n  File x\nJSONDecodeError: no https://u:secret@h/\n",
            "",
            "index",
            "the answer of I cannot be read: JSONDecodeError: no https://h/",
            "simple API",
        ),
        ("", "", "index", "said nothing", ""),
    ],
)
def test_it_is_told_apart(told: str, logged: str, code: str, message: str, hint: str) -> None:
    error = explain(told, logged, "I")
    assert (error.code, error.exit_code) == (code, 2)
    assert message in error.message
    assert hint in error.hint
    assert "secret" not in error.message + error.hint


def test_a_wrong_hash_is_an_integrity_error_that_names_both() -> None:
    told = (
        f"ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n  Expected sha256 {'a' * 64}\n       Got        {'b' * 64}\n"
    )
    error = explain(told, "401 Client Error", "")
    assert (error.exit_code, error.code) == (4, "integrity")
    assert "a" * 64 in error.message
    assert "b" * 64 in error.message


def test_the_versions_that_there_are_can_be_read_by_programs() -> None:
    error = explain(NO_MATCH.replace("none", "1.0, 1.1"), "", "I")
    assert isinstance(error, NoMatchError)
    assert (error.distribution, error.versions) == ("claudepack-x", ("1.0", "1.1"))
