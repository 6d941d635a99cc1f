"""The shop page in a real browser, on the real shop that the fixture `page_url` serves."""

import shutil
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The default model answers in seconds; a busy machine takes its time.
ANSWERED_MS = 90_000
WATCH_TEXT = """() => {
    window.seen = [];
    const look = () => {
        const texts = [...document.querySelectorAll(".turn:last-child .answer .text")];
        const length = texts.reduce((sum, text) => sum + text.textContent.length, 0);
        if (length && window.seen.at(-1) !== length) window.seen.push(length);
    };
    const options = {subtree: true, childList: true, characterData: true};
    new MutationObserver(look).observe(document.querySelector(".log"), options);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("The page's tests need a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, page_url: str) -> Iterator[Page]:
    yield from opened(browser, page_url)


@pytest.fixture
def phone(browser: Browser, page_url: str) -> Iterator[Page]:
    yield from opened(browser, page_url, width=375, has_touch=True)


def opened(
    browser: Browser, page_url: str, *, width: int = 1280, has_touch: bool = False
) -> Iterator[Page]:
    """A fresh visitor's page; fails on any request to another host and on any script's error."""
    context = browser.new_context(viewport={"width": width, "height": 820}, has_touch=has_touch)
    page = context.new_page()
    elsewhere: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(page_url)
    expect(page.locator(".welcome")).to_be_visible(timeout=30_000)
    yield page
    context.close()
    assert [url for url in elsewhere if not url.startswith((page_url, "data:"))] == []
    assert errors == []


def sign_in(page: Page, shopper: str) -> None:
    page.locator(".account").click()
    page.locator("#shopper-id").fill(shopper)
    page.locator("#shopper-id").press("Enter")
    expect(page.locator(".account.known")).to_be_visible()
    # A shopper's newest conversation is shown; each test wants one of its own.
    page.locator("[data-anew]").click()
    expect(page.locator(".turn")).to_have_count(1)


def send(page: Page, text: str) -> None:
    page.locator("#message").fill(text)
    page.locator("#message").press("Enter")
    expect(page.locator(".turn:last-child .message")).to_contain_text(text)


def expect_answered(page: Page) -> None:
    expect(page.locator(".composer[data-busy=false]")).to_be_visible(timeout=ANSWERED_MS)


def test_a_household_asks_sees_the_answer_arrive_and_fills_its_cart(page: Page) -> None:
    sign_in(page, "900")
    page.evaluate(WATCH_TEXT)
    send(page, "I need milk, eggs and bread")
    cards = page.locator(".turn:last-child .card")
    expect(cards.first).to_be_visible(timeout=ANSWERED_MS)
    expect_answered(page)
    seen = page.evaluate("window.seen")
    assert len(seen) >= 3
    assert seen == sorted(seen)
    assert cards.count() >= 3

    first = cards.first.locator("[data-add]")
    product = first.get_attribute("data-add")
    line = page.locator(f".till [data-line='{product}']")
    held = int(line.get_attribute("data-quantity") or 0) if line.count() else 0
    first.click()
    expect(line).to_have_attribute("data-quantity", str(held + 1))
    expect(first).to_have_attribute("data-held", str(held + 1))
    line.get_by_role("button", name="One more").click()
    expect(line).to_have_attribute("data-quantity", str(held + 2))
    line.get_by_role("button", name="Remove").click()
    expect(line).to_have_count(0)

    cards.first.locator("[data-like]").click()
    expect(page.locator(".turn")).to_have_count(3)
    expect_answered(page)
    expect(page.locator(".turn:last-child .card").nth(1)).to_be_visible()


def test_a_refresh_amid_an_answer_and_a_second_tab_find_everything(page: Page) -> None:
    sign_in(page, "900")
    send(page, "Find me a snack under $3")
    page.reload()
    expect(page.locator(".turn:last-child .message")).to_contain_text("Find me a snack under $3")
    expect_answered(page)
    expect(page.locator(".turn:last-child .card").first).to_be_visible()
    page.locator(".turn:last-child [data-add]").first.click()
    expect(page.locator(".till [data-line]").first).to_be_visible()
    here = page.locator(".log").inner_text()

    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator(".turn:last-child .card").first).to_be_visible(timeout=30_000)
    assert second.locator(".log").inner_text() == here
    assert second.locator(".till").inner_text() == page.locator(".till").inner_text()
    expect(second.locator(".account.known")).to_be_visible()
    page.locator(".till [data-remove]").first.click()


def test_a_guests_cart_comes_along_to_a_new_conversation(page: Page) -> None:
    send(page, "Do you have bananas?")
    add = page.locator(".turn:last-child [data-add]").first
    expect(add).to_be_visible(timeout=ANSWERED_MS)
    expect_answered(page)
    add.click()
    line = page.locator(".till [data-line]")
    expect(line).to_have_count(1)
    page.locator("[data-anew]").click()
    expect(page.locator(".turn")).to_have_count(1)
    expect(line).to_have_count(1)


def test_an_answer_can_be_stopped_and_asked_again(page: Page) -> None:
    send(page, "Do you have coffee?")
    page.locator(".stop").click()
    expect_answered(page)
    page.locator("[data-retry]").click()
    expect(page.locator(".turn")).to_have_count(3)
    expect(page.locator(".turn:last-child .message")).to_contain_text("Do you have coffee?")
    expect_answered(page)
    expect(page.locator(".turn:last-child .card").first).to_be_visible()


def test_an_unknown_shopper_is_not_signed_in(page: Page) -> None:
    page.locator(".account").click()
    page.locator("#shopper-id").fill("no such shopper")
    page.locator("#shopper-id").press("Enter")
    expect(page.locator(".complaint")).to_contain_text("knows no shopper")
    expect(page.locator(".account.known")).to_have_count(0)


def test_a_message_that_cannot_be_sent_is_kept(page: Page) -> None:
    message = page.locator("#message")
    message.press("Enter")
    message.fill("  ")
    message.press("Enter")
    message.fill("milk " * 401)
    message.press("Enter")
    expect(page.locator("#count")).to_contain_text("5 characters too many")
    assert message.input_value() == "milk " * 401
    expect(page.locator(".turn")).to_have_count(1)


def test_markup_in_a_message_stays_text(page: Page) -> None:
    payload = "<img src=x onerror=\"document.title='hit'\"> <b>milk</b> ${1+1}"
    send(page, payload)
    expect_answered(page)
    assert payload in page.locator(".turn:last-child .message").inner_text()
    assert page.locator(".log img, .message b").count() == 0
    assert page.title() != "hit"


def test_a_phone_shows_everything_without_scrolling_sideways(phone: Page) -> None:
    sign_in(phone, "900")
    phone.locator("#message").fill("I need milk, eggs and bread")
    phone.locator(".send").click()
    expect(phone.locator(".turn:last-child .card").first).to_be_visible(timeout=ANSWERED_MS)
    expect_answered(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    assert phone.evaluate("document.querySelector('.log').scrollWidth") <= 375
    panel = phone.locator(".cart-panel")
    expect(panel).to_be_hidden()
    phone.locator(".cart-toggle").click()
    expect(panel).to_be_visible()
    phone.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(phone.locator(".cart-toggle")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(browser: Browser, page_url: str, scheme: str) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(page_url)
    expect(page.locator(".welcome")).to_be_visible(timeout=30_000)
    send(page, "Do you have eggs?")
    expect_answered(page)
    assert serious(page) == []
    page.locator(".account").click()
    assert serious(page) == []
    page.goto(f"{page_url}about")
    expect(page.get_by_role("heading", name="Where the data comes from")).to_be_visible()
    assert serious(page) == []
    page.close()


def serious(page: Page) -> list[str]:
    """What axe finds on a page that keeps somebody from using it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def test_another_name_for_this_machine_does_not_get_in(page_url: str) -> None:
    assert httpx.get(page_url, headers={"host": "rebound.example"}).status_code == 400
