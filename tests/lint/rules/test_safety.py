"""SF: what hides, what steers a terminal, what is secret; and what people write that only looks so."""

import pytest

from claudepack.lint.engine import check_subject
from subjects import find_codes, make_subject

FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("one\ntwo \u202e three", ["SF001 a.md:2"]),
        ("\U000e0041", ["SF001 a.md:1"]),
        ("a \u2066b\u2069\nx\n\u200e", ["SF001 a.md:1", "SF001 a.md:3"]),
        ("not UTF-8 \udcff \u202e", ["SF001 a.md:1"]),
        ("a\u200b\u200c\u200b\u200d", ["SF002 a.md:1"]),
        ("a\U000e0101\U000e0102\U000e0103\U000e0104", ["SF002 a.md:1"]),
        ("\x1b[31mred", ["SF003 a.md:1"]),
        ("a\n\x1b]0;title\x07", ["SF003 a.md:2"]),
        ("\x9b31m", ["SF003 a.md:1"]),
        ("❤️‍🔥 👩🏽‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 1️⃣ ©️ " + FLAG, []),
        ("می‌خواهم क्‍ष ශ්‍රී", []),
        ("\ufeffa BOM, \u00ad a soft hyphen, \u200b one blank, \u2060 one joiner", []),
        ("\\x1b[31m \\033[0m \\e[1m ^[[A \u001b".replace("\u001b", ""), []),
        ("\x1b$B日本\x1b(B", []),  # ISO 2022: another encoding, which the rules about these tell
        ("naïve — “quoted” … ½ → ✓ 日本語 עברית العربية", []),
    ],
)
def test_what_nobody_sees_is_told_and_emoji_are_not(text: str, codes: list[str]) -> None:
    assert find_codes({"a.md": text}, "SF001", "SF002", "SF003") == codes


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ('description: "a \\U000e0041"', "SF001"),
        ('description: "a"\nmetadata:\n  deep: ["\\u202e"]', "SF001"),
        ('description: "a"\n"k\\u202e": 1', "SF001"),
        ('description: "a\\u200b\\u200b\\u200b\\u200b"', "SF002"),
        ('description: "a\\e[2J"', "SF003"),
        ('description: "a\\u200b\\t\\n é \\\\u202e"', ""),
    ],
)
def test_an_escape_in_frontmatter_hides_nothing(head: str, code: str) -> None:
    found = find_codes({"agents/a.md": f"---\nname: a\n{head}\n---\n"}, "SF")

    assert [item.partition(" ")[0] for item in found] == ([code] if code else [])


@pytest.mark.parametrize("path", ["prompts/a.png", "hooks/a.bin", "prompts/font"])
def test_what_is_no_text_hides_nothing(path: str) -> None:
    data = b"\x89PNG\0\x1b[31m" + "\u202e".encode()

    assert find_codes({path: data}, "SF") == []
    assert find_codes({path: b"\xff\xfb\x1b[31m" + "\u202e".encode()}, "SF") == []


CHANCE = "K7dQ2mXv9RbT4nLcY6sWgZ8pHjF3uVaEeQ1x"  # 36 characters without a word or a run
HEX = "9f3c71e0a8d25b46c19e7f0d3a8b62c5f4e1907dab35c8e26f70b1d94ac3e85f"
TOKENS = {
    "GitHub": f"ghp_{CHANCE}",
    "GitHub, fine-grained": f"github_pat_{CHANCE[:22]}_{(CHANCE * 2)[:59]}",
    "GitLab": f"glpat-{CHANCE[:20]}",
    "AWS": "AKIAQ7ZRB2MWXK4NLVYD",
    "AWS, secret": 'aws_secret_access_key = "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"',
    "Anthropic": f"sk-ant-api03-{(CHANCE * 3)[:93]}AA",
    "OpenAI": f"sk-proj-{CHANCE[:30]}T3BlbkFJ{CHANCE[:30]}",
    "OpenAI, as it was": f"sk-{CHANCE[:20]}T3BlbkFJ{CHANCE[10:30]}",
    "Slack": f"xoxb-4081726359-9182736450182-{CHANCE[:24]}",
    "Slack, for apps": f"xapp-1-A04KQ7ZRB2M-4081726359182-{HEX}",
    "Slack, a webhook": f"https://hooks.slack.com/services/T04KQ7ZRB/B05MWXK4NLV/{CHANCE[:24]}",
    "Google": f"AIza{CHANCE[:35]}",
    "Google, a client": f"GOCSPX-{CHANCE[:28]}",
    "npm": f"npm_{CHANCE}",
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{(CHANCE * 3)[:90]}",
    "Stripe": f"sk_live_{CHANCE[:24]}",
    "SendGrid": f"SG.{CHANCE[:22]}.{(CHANCE * 2)[5:48]}",
    "Hugging Face": "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",
    "DigitalOcean": f"dop_v1_{HEX}",
    "JSON Web Token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiJ1LTg4MTIzIiwiaXNzIjoiaHR0cHM6Ly9pZC5hY21lLmlvIiwiZXhwIjoxNzYwMDAwMDAwfQ."
    "k7dQ2mXv9RbT4nLcY6sWgZ8pHjF3uVaEeQ1xZr0MbCd",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
@pytest.mark.parametrize("around", ["{}", "export TOKEN={}", 'key: "{}",', "`{}`.", "Bearer {}\n", "x\n\n({})"])
def test_a_token_is_told_and_not_shown(token: str, around: str) -> None:
    [found] = check_subject(make_subject({"prompts/a.md": around.format(token)}))

    assert found.code == "SF005"
    assert token not in f"{found}{found.hint}{found.source}"


PLACEHOLDERS = [
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_" + "A" * 36,
    "ghp_yourTokenHereyourTokenHereyourTokenH",
    "ghp_1234567890abcdefghijklmnopqrstuvwxyz",
    "ghp_EXAMPLE",
    f"ghp_{CHANCE}more",
    f"my_ghp_{CHANCE}",
    "github_pat_...",
    "AKIAIOSFODNN7EXAMPLE",
    "AKIAXXXXXXXXXXXXXXXX",
    "AKIA1234567890ABCDEF",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "sk-ant-api03-...",
    "sk-ant-your-key-here",
    "sk-...",
    "sk-proj-" + "x" * 48,
    "xoxb-your-token",
    "xoxb-1234567890-1234567890123-abcdefghijklmnopqrstuvwx",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "AIzaSyXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "npm_install_everything_that_is_needed_ok",
    "npm_config_cache",
    "pypi-AgEIcHlwaS5vcmcXXXX",
    "sk_live_51Hxxxxxxxxxxxxxxxxxxxxxx",
    "sk_test_" + CHANCE[:24],
    "SG.xxxxxxxxxxxxxxxxxxxxxx.yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
    "hf_transfer",
    "hf_" + "a" * 34,
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    ),
    "eyJhbGciOi...",
    HEX,
    "sha512-" + "k7dQ2mXv9RbT4nLcY6sWg/8pHjF3uVa+eQ1xZr0M" * 2 + "==",
    "123e4567-e89b-42d3-a456-426614174000",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK7dQ2mXv9RbT4nLcY6sWgZ8pHjF3uVaEeQ1xZr0MbCd me@host",
    "git@github.com:org/repository.git",
    "process.env.GITHUB_TOKEN ${{ secrets.NPM_TOKEN }} $AWS_SECRET_ACCESS_KEY",
]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_what_stands_for_a_token_is_none(text: str) -> None:
    assert find_codes({"prompts/a.md": f"Use `{text}` here: {text}\n"}, "SF") == []


BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----", 1),
        (f"-----BEGIN RSA PRIVATE KEY-----\r\n{BODY}\r\n", 1),
        (f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F\n\n{BODY}", 1),
        (f'"-----BEGIN EC PRIVATE KEY-----\\n{BODY}\\n"', 1),
        (f"    -----BEGIN OPENSSH PRIVATE KEY-----\n    {BODY}\n", 1),
        (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{BODY}", 1),
        (f"-----BEGIN PUBLIC KEY-----\n{BODY}", 0),
        (f"-----BEGIN CERTIFICATE-----\n{BODY}", 0),
        ("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----", 0),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ...\n-----END PRIVATE KEY-----", 0),
        ("-----BEGIN PRIVATE KEY-----\nYOUR_PRIVATE_KEY_HERE\n", 0),
        ("-----BEGIN PRIVATE KEY-----\n" + "x" * 64, 0),
        ("grep -r 'BEGIN RSA PRIVATE KEY' .", 0),
        ("-----BEGIN PRIVATE KEY-----\\n${KEY}\\n-----END PRIVATE KEY-----", 0),
    ],
)
def test_a_private_key_is_told_where_there_is_one(text: str, count: int) -> None:
    assert len(find_codes({"prompts/a.md": text}, "SF004")) == count
    assert len(find_codes({"prompts/a.md": text}, "SF005")) == 0
