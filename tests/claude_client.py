"""The real Claude Code client, asked with no network and no key.

`/context` tells what it loaded; what it would send to the model is recorded by a server on loopback.
"""

import contextlib
import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

VERSION = "2.1.328"
# Taken before any test changes it: npm needs the registry settings of whoever runs the tests.
_REAL_ENVIRONMENT = dict(os.environ)
_SECONDS = 90
_ROOT = Path(__file__).parents[1]


def install_client() -> Path:
    """Install the client once into the cache folder; a killed or a parallel install does no harm."""
    cache = Path(_REAL_ENVIRONMENT.get("CLAUDEPACK_TEST_CACHE") or _ROOT / ".cache")
    target = cache / f"claude-code-{VERSION}"
    executable = target / "node_modules" / ".bin" / "claude"
    if executable.exists():
        return executable
    cache.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(dir=cache, prefix="npm-"))
    package = f"@anthropic-ai/claude-code@{VERSION}"
    subprocess.run(
        ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(stage), package],
        env=_REAL_ENVIRONMENT,
        check=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    try:
        stage.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(stage)
    return executable


@dataclass(frozen=True)
class Context:
    """What `/context` says: the source and the tokens of each agent, the memory files with theirs."""

    agents: Mapping[str, tuple[str, int]]
    memory: Mapping[str, int]
    text: str


@dataclass(frozen=True)
class ClaudeClient:
    """Asks the client; each call has a home of its own unless told."""

    executable: Path

    def context(self, directory: Path, home: Path | None = None) -> Context:
        """What a session started in a directory has loaded."""
        text = self._run(directory, "/context", "http://127.0.0.1:9", home)
        return Context(
            {name: (source, tokens) for name, source, tokens in _rows(text, "Custom Agents")},
            {path: tokens for _, path, tokens in _rows(text, "Memory Files")},
            text,
        )

    def loaded(self, directory: Path, home: Path | None = None) -> dict[str, list[str]]:
        """What a session that started in a directory begins with: agents, skills, commands, tools, MCP servers."""
        flags = ["--output-format", "stream-json", "--verbose", "--mcp-config", ".mcp.json"]
        lines = self._run(directory, "hi", "http://127.0.0.1:9", home, flags).splitlines()
        begin = next(line for line in map(json.loads, lines) if line.get("subtype") == "init")
        servers = [server["name"] for server in begin["mcp_servers"]]
        return {key: begin[key] for key in ("agents", "skills", "slash_commands", "tools")} | {"mcp_servers": servers}

    def log(self, directory: Path, home: Path) -> str:
        """What a session writes to its debug log while it starts."""
        path = home / "debug.txt"
        settings = json.dumps({"disableAllHooks": True, "env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}})
        words = ["--debug", "--debug-file", str(path), "-p", "/context", "--no-session-persistence"]
        self._call(directory, [*words, "--strict-mcp-config", "--settings", settings], "http://127.0.0.1:9", home)
        return path.read_text(encoding="utf-8")

    def doctor(self, directory: Path) -> str:
        """What the client finds wrong with its settings."""
        return self._call(directory, ["doctor"], "http://127.0.0.1:9", None)

    def validate(self, directory: Path) -> str:
        """What the client says of a plugin, or of a marketplace."""
        return self._call(directory, ["plugin", "validate", str(directory)], "http://127.0.0.1:9", None)

    def install_plugin(self, name: str, marketplace: Path, home: Path) -> str:
        """Install a plugin of a marketplace into a home, and say what the client says."""
        url = "http://127.0.0.1:9"
        added = self._call(marketplace, ["plugin", "marketplace", "add", str(marketplace)], url, home)
        return added + self._call(marketplace, ["plugin", "install", f"{name}@{marketplace.name}"], url, home)

    def request(self, directory: Path, home: Path | None = None) -> str:
        """All texts of the first request that a session started in a directory would send."""
        with _recorder() as (url, bodies):
            self._run(directory, "hi", url, home)
        document = json.loads(bodies[0])
        return "\n".join(_texts([document.get("system"), document["messages"], document.get("tools")]))

    def start(self, directory: Path, home: Path) -> None:
        """Start a session whose hooks run: for those that the test itself has written."""
        flags = ["--output-format", "stream-json", "--verbose"]
        self._run(directory, "hi", "http://127.0.0.1:9", home, flags, hooks=True)

    def _run(
        self,
        directory: Path,
        prompt: str,
        url: str,
        home: Path | None,
        flags: Sequence[str] = (),
        *,
        hooks: bool = False,
    ) -> str:
        settings = json.dumps({"disableAllHooks": not hooks, "env": {"ANTHROPIC_BASE_URL": url}})
        always = ["--no-session-persistence", "--strict-mcp-config", "--settings", settings]
        # Without a key it says what it has loaded and stops; with one it asks the model.
        key = {} if prompt.startswith("/") or flags else {"ANTHROPIC_API_KEY": "none"}
        return self._call(directory, ["-p", prompt, *flags, *always], url, home, key)

    def _call(
        self, directory: Path, words: Sequence[str], url: str, home: Path | None, more: Mapping[str, str] | None = None
    ) -> str:
        with tempfile.TemporaryDirectory(prefix="cc-", ignore_cleanup_errors=True) as scratch:
            environment = {
                "HOME": str(home or scratch),
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "TMPDIR": scratch,
                "CLAUDE_CODE_TMPDIR": scratch,
                "DISABLE_AUTOUPDATER": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                "ANTHROPIC_BASE_URL": url,
                **(more or {}),
            }
            done = subprocess.run(
                [str(self.executable), *words],
                cwd=directory,
                env=environment,
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
            )
        return done.stdout


def agent_description(request: str, name: str) -> str:
    """The description of an agent, as the model is told it."""
    match = re.search(rf"^- {re.escape(name)}: (.*?) \(Tools: [^)]*\)$", request, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def _rows(text: str, heading: str) -> Iterator[tuple[str, str, int]]:
    _, _, section = text.partition(f"### {heading}\n")
    for row in section.partition("\n### ")[0].splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) == 3 and (tokens := cells[2].lstrip("~")).replace(".", "").removesuffix("k").isdigit():
            scale = 1000 if tokens.endswith("k") else 1
            yield cells[0], cells[1], round(float(tokens.removesuffix("k")) * scale)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


@contextlib.contextmanager
def _recorder() -> Iterator[tuple[str, list[bytes]]]:
    bodies: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path.startswith("/v1/messages") and b'"messages"' in body:
                bodies.append(body)
            answer = json.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": "recorded"}})
            self.send_response(400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", bodies
        finally:
            server.shutdown()
            thread.join()
