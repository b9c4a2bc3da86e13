"""Tokens and keys in texts, by the forms that their issuers publish; what only stands for one is none.

Prompts are full of `ghp_xxxxxxxx` and `AKIAIOSFODNN7EXAMPLE`. A real one looks like chance: it has many different
characters, no runs of one or of neighbours in the alphabet, and none of the words that people put into samples.
"""

import base64
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

# So many letters, digits, _ and - in a row are in all forms below, but in those that have a mark of their own.
_MIN_RUN = 26
_RUN = b"1" * _MIN_RUN
_TO_RUNS = bytes(0x31 if chr(code).isalnum() or code in b"_-" else 0 for code in range(128)) + bytes(128)
# Most of what people write, and none of what `sift` is to leave: each mark is looked for in the tenth that is left.
_DULL = bytes(code for code in range(128) if chr(code).isprintable() and not chr(code).isupper() and code not in b"_<>")
_DULL += b"\t\n\r"
_SIFTED = (b"\x1b", b"\0", b"\xc2\x9b", b"PRIVATEKEY", b"AKIA", b"ASIA", b"_SECRET_ACCESS_KEY")
_WHOLE = (b"_secret_access_key", b"hooks.slack.com/services/")
_SELECTORS = (b"\xef\xb8", b"\xf3\xa0", b"\xe1\xa0")  # in UTF-8, how variation selectors begin


class Form(NamedTuple):
    """What a token looks like.

    Attributes:
        what: Whose it is.
        marks: One of these is in it.
        pattern: With a group `secret`: what is chance in it. Compiled where it is needed, which is hardly ever.
    """

    what: str
    marks: tuple[str, ...]
    pattern: str


def _form(what: str, marks: str, pattern: str) -> Form:
    return Form(what, tuple(marks.split()), rf"(?<![A-Za-z0-9_-]){pattern}(?![A-Za-z0-9_-])")


FORMS = (
    _form("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_(?P<secret>[A-Za-z0-9]{36})"),
    _form("a GitHub token", "github_pat_", r"github_pat_(?P<secret>[A-Za-z0-9]{22}_[A-Za-z0-9]{59})"),
    _form("a GitLab token", "glpat-", r"glpat-(?P<secret>[\w-]{20})"),
    _form("an AWS access key", "AKIA ASIA", r"A[KS]IA(?P<secret>[A-Z2-7]{16})"),
    _form(
        "an AWS secret key",
        "aws_secret_access_key AWS_SECRET_ACCESS_KEY",
        r"(?i:aws_secret_access_key)[\"']?\s*[:=]\s*[\"']?(?P<secret>[A-Za-z0-9/+]{40})",
    ),
    _form("an Anthropic key", "sk-ant-", r"sk-ant-[a-z]+\d{2}-(?P<secret>[\w-]{80,120})"),
    _form("an OpenAI key", "T3BlbkFJ", r"sk-(?:[a-z]+-)?(?P<secret>[\w-]{20,80}T3BlbkFJ[\w-]{20,80})"),
    _form("a Slack token", "xox", r"xox[bpar]-(?:\d{10,13}-){1,3}(?P<secret>[A-Za-z0-9]{24,34})"),
    _form("a Slack token", "xapp-", r"xapp-\d-[A-Z0-9]{9,13}-\d{10,13}-(?P<secret>[a-f0-9]{64})"),
    _form(
        "a Slack webhook",
        "hooks.slack.com/services/",
        r"hooks\.slack\.com/services/T[A-Z0-9]{8,11}/B[A-Z0-9]{8,11}/(?P<secret>[A-Za-z0-9]{24})",
    ),
    _form("a Google API key", "AIza", r"AIza(?P<secret>[\w-]{35})"),
    _form("a Google client secret", "GOCSPX-", r"GOCSPX-(?P<secret>[\w-]{28})"),
    _form("an npm token", "npm_", r"npm_(?P<secret>[A-Za-z0-9]{36})"),
    _form("a PyPI token", "pypi-AgE", r"pypi-AgE(?P<secret>[\w-]{60,})"),
    _form("a Stripe key", "k_live_", r"[sr]k_live_(?P<secret>[A-Za-z0-9]{24,107})"),
    _form("a SendGrid key", "SG.", r"SG\.(?P<secret>[\w-]{22}\.[\w-]{43})"),
    _form("a Hugging Face token", "hf_", r"hf_(?P<secret>[A-Za-z]{34})"),
    _form("a DigitalOcean token", "dop_v1_", r"dop_v1_(?P<secret>[a-f0-9]{64})"),
    _form("a JSON Web Token", "eyJ", r"(?P<secret>eyJ[\w-]{14,}\.eyJ[\w-]{20,}\.[\w-]{43,})"),
)
_MARKS = tuple(dict.fromkeys(mark.encode() for form in FORMS for mark in form.marks))
# After the header at once the key, also in a text of JSON; a sample has dots there, or a word.
_KEY = re.compile(
    r"-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n|\\r|[A-Z][\w-]*: [^\n]{0,100}\n)*"
    r"(?P<secret>[A-Za-z0-9+/=]{40,})"
)
_SAMPLE = re.compile(
    r"example|sample|dummy|placeholder|redacted|changeme|your|fake|xxxx|test|secret|token|abcdef|qwerty|foobar"
    r"|deadbeef|12345|01234|98765",
    re.IGNORECASE,
)
_SAME = re.compile(r"(.)\1{4}")
_NEIGHBOURS = 6
_MIN_LETTERS = 16


def sift(data: bytes) -> bytes:
    """What of a text is worth a look: capitals, `_`, `<`, `>`, controls, and what is not ASCII; in their order."""
    return data.translate(None, _DULL)


def may_harm(data: bytes, sifted: bytes) -> bool:
    """Whether bytes may hold a secret, an escape or a NUL: quick, and never no where there is one.

    Args:
        data: The bytes.
        sifted: What `sift` leaves of them.
    """
    for mark in _SIFTED:
        if mark in sifted:
            return True
    if _WHOLE[0] in data or _WHOLE[1] in data:
        return True
    if _RUN not in data.translate(_TO_RUNS) or _RUN not in data.replace(b"-----", b" ").translate(_TO_RUNS):
        return False
    return any(mark in data for mark in _MARKS)


def may_hide(sifted: bytes) -> bool:
    """Whether bytes may hold characters that nobody sees: quick, and never no where there is one.

    Args:
        sifted: What `sift` leaves of them.
    """
    if sifted.isascii():
        return False
    try:
        shown = sifted.decode().isprintable()
    except UnicodeDecodeError:
        return True
    return not shown or any(mark in sifted for mark in _SELECTORS)


def is_utf8(data: bytes) -> bool:
    """Whether bytes are a text in UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def find_tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Where tokens stand in a text, and whose they are."""
    for form in FORMS:
        if any(mark in text for mark in form.marks):
            for match in re.finditer(form.pattern, text):
                if not is_placeholder(match["secret"]) and (form.marks != ("eyJ",) or _is_web_token(match["secret"])):
                    yield match.start(), match.end(), form.what


def find_private_keys(text: str) -> Iterator[tuple[int, int, str]]:
    """Where private keys begin in a text."""
    if "PRIVATE KEY" in text:
        for match in _KEY.finditer(text):
            # Not by the other marks of chance: the numbers in a key begin with many zeros.
            if len(set(match["secret"])) >= _MIN_LETTERS:
                yield match.start(), match.start("secret"), "a private key"


def is_placeholder(secret: str) -> bool:
    """Whether what should be chance is none."""
    if _SAMPLE.search(secret) or _SAME.search(secret):
        return True
    return len(set(secret)) < min(10, len(secret) // 2) or _find_longest_run(secret) >= _NEIGHBOURS


def _find_longest_run(secret: str) -> int:
    """The longest part in which each character follows the one before it in the alphabet."""
    longest = run = 1
    for before, after in pairwise(secret):
        run = run + 1 if ord(after) - ord(before) == 1 else 1
        longest = max(longest, run)
    return longest


def _is_web_token(text: str) -> bool:
    """Whether head and claims are JSON, and the claims are none of a manual's."""
    try:
        head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in text.split(".")[:2])
    except ValueError:
        return False
    said = json.dumps(claims)
    is_sample = any(word in said for word in ("1234567890", "John Doe", "example", "sample"))
    return isinstance(head, dict) and "alg" in head and isinstance(claims, dict) and not is_sample
