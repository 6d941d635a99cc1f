"""A shopper and an agent side by side in a real browser, on the shop that `page_url` serves."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.assistant.ui.test_page import browser as browser
from tests.assistant.ui.test_page import opened, send, serious

pytestmark = pytest.mark.browser

SOON_MS = 30_000


def add_agent(home: Path, name: str) -> str:
    """Make an account anew as a shop does on its machine; returns the printed password."""
    environment = {**os.environ, "ASSISTANT_HOME": str(home)}
    command = [sys.executable, "-m", "assistant", "agent"]
    subprocess.run([*command, "remove", name], env=environment, check=False, capture_output=True)
    added = subprocess.run(
        [*command, "add", name],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return added.stdout.strip()


def sign_in_as_agent(page: Page, name: str, password: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def shopper(browser: Browser, page_url: str) -> Iterator[Page]:
    yield from opened(browser, page_url, width=1100)


@pytest.fixture
def ann(browser: Browser, page_url: str, home: Path) -> Iterator[Page]:
    yield from desk_of(browser, f"{page_url}desk", "Ann", add_agent(home, "Ann"))


@pytest.fixture
def bob(browser: Browser, page_url: str, home: Path) -> Iterator[Page]:
    yield from desk_of(browser, f"{page_url}desk", "Bob", add_agent(home, "Bob"))


def desk_of(
    browser: Browser, url: str, name: str, password: str, *, width: int = 1400
) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 820})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    sign_in_as_agent(page, name, password)
    expect(page.locator(".queue")).to_be_visible(timeout=SOON_MS)
    yield page
    context.close()
    assert errors == []


def test_shopper_and_agent_talk_without_reloading(shopper: Page, ann: Page, bob: Page) -> None:
    side_by_side(shopper, ann, bob)


def side_by_side(shopper: Page, ann: Page, bob: Page) -> None:
    """A whole hand-off, from the button to the resolve, on three pages at once."""
    shopper.locator("[data-call]").click()
    expect(shopper.locator(".people")).to_contain_text("Waiting for a person", timeout=SOON_MS)
    for desk in (ann, bob):
        waiting = desk.locator(".queue [data-state='waiting']").last
        expect(waiting).to_contain_text("asked for a person", timeout=SOON_MS)
        expect(waiting).to_contain_text("under a minute")
        waiting.click()
        expect(desk.locator("[data-step='take']")).to_be_visible(timeout=SOON_MS)

    ann.locator("[data-step='take']").click()
    expect(ann.locator(".desk-talk-bar")).to_contain_text("You have this", timeout=SOON_MS)
    expect(shopper.locator(".people")).to_contain_text("Ann", timeout=SOON_MS)
    expect(shopper.locator(".log")).to_contain_text("Ann of the shop joined")
    expect(bob.locator(".desk-talk-bar")).to_contain_text("Ann has this", timeout=SOON_MS)
    expect(bob.locator("#reply")).to_be_hidden()

    payload = "<img src=x onerror=\"document.title='hit'\"> hello ${1+1}"
    send(shopper, payload)
    expect(ann.locator(".log")).to_contain_text(payload, timeout=SOON_MS)
    expect(shopper.locator(".turn:last-child .answer")).to_have_count(0)
    assert "hit" not in (ann.title(), shopper.title())

    ann.locator(".draft").click()
    expect(ann.locator("#reply")).not_to_be_empty(timeout=90_000)
    ann.locator("#reply").fill("I am here. <b>What</b> can I do?")
    ann.locator("#desk-reply .send").click()
    expect(ann.locator("#reply")).to_be_empty(timeout=SOON_MS)
    expect(shopper.locator(".person")).to_contain_text("<b>What</b> can I do?", timeout=SOON_MS)

    ann.locator("[data-step='resolve']").click()
    expect(shopper.locator("[data-call]")).to_be_visible(timeout=SOON_MS)
    expect(shopper.locator(".log")).to_contain_text("closed the matter")
    expect(ann.locator(".trail")).to_contain_text("resolved", timeout=SOON_MS)
    expect(bob.locator(".queue [data-state='resolved']").first).to_be_visible()


def test_a_phone_shows_queue_then_conversation(
    browser: Browser, page_url: str, home: Path, shopper: Page
) -> None:
    shopper.locator("[data-call]").click()
    expect(shopper.locator(".people")).to_contain_text("Waiting for a person", timeout=SOON_MS)
    password = add_agent(home, "Cleo")
    for phone in desk_of(browser, f"{page_url}desk", "Cleo", password, width=375):
        phone.locator(".queue [data-state='waiting']").last.click()
        expect(phone.locator("[data-step='take']")).to_be_visible(timeout=SOON_MS)
        expect(phone.locator(".queue")).to_be_hidden()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 375
        phone.locator("[data-back]").click()
        expect(phone.locator(".queue")).to_be_visible()
    shopper.locator("[data-leave]").click()
    expect(shopper.locator("[data-call]")).to_be_visible(timeout=SOON_MS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_accessible(
    browser: Browser, page_url: str, ann: Page, shopper: Page, scheme: str
) -> None:
    ann.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    shopper.locator("[data-call]").click()
    waiting = ann.locator(".queue [data-state='waiting']").last
    expect(waiting).to_be_visible(timeout=SOON_MS)
    waiting.click()
    expect(ann.locator("[data-step='take']")).to_be_visible(timeout=SOON_MS)
    assert serious(ann) == []
    shopper.locator("[data-leave]").click()
    shopper.locator("[data-memory]").click()
    expect(shopper.locator("dialog.memory")).to_be_visible(timeout=SOON_MS)
    assert serious(shopper) == []


def test_the_desk_is_closed_to_who_is_not_signed_in(page_url: str) -> None:
    for path in ("desk", "desk/"):
        answer = httpx.get(f"{page_url}{path}")
        assert answer.status_code == 303
        assert answer.headers["location"].endswith("sign-in")
    for path in ("config", "gradio_api/info", "gradio_api/queue/data"):
        assert httpx.get(f"{page_url}desk/{path}").status_code in {401, 403, 404, 422}
    joined = httpx.post(f"{page_url}desk/gradio_api/queue/join", json={"data": [], "fn_index": 0})
    assert joined.status_code == 401
