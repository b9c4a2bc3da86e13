"""The Chromium of the system, driven headless; it finds no network, and says what it would have asked of one."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

Theme = Literal["light", "dark"]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The program; empty where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


@contextlib.contextmanager
def start_chromium(program: str) -> Iterator[Browser]:
    """A browser that runs until the end of the block."""
    # Its own sandbox needs namespaces that root, and many a container, do not have.
    words = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=words)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Shown:
    """A page that is open.

    Attributes:
        page: To do something with.
        told: What it has told the console, and its errors.
        asked: The addresses that it has asked for, its own left out.
    """

    page: Page
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def show(
    browser: Browser, file: Path, *, theme: Theme = "light", width: int = 1280, scripts: bool = True
) -> Iterator[Shown]:
    """Open a file as somebody would who has got it by mail."""
    context = browser.new_context(
        color_scheme=theme, viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    context.set_default_timeout(10_000)
    try:
        shown = Shown(context.new_page())
        shown.page.on("console", lambda message: shown.told.append(message.text))
        shown.page.on("pageerror", lambda error: shown.told.append(str(error)))
        shown.page.on("request", lambda request: shown.asked.append(request.url))
        shown.page.goto(file.as_uri())
        shown.asked.remove(file.as_uri())
        yield shown
    finally:
        context.close()
