"""The invented store on the server that `demo` starts, beside the default one."""

import httpx
import pytest

pytestmark = pytest.mark.browser


def test_the_invented_store_has_its_own_page_and_says_what_it_is(page_url: str) -> None:
    page = httpx.get(f"{page_url}stores/merrowby/")
    about = httpx.get(f"{page_url}stores/merrowby/about")
    assert page.status_code == about.status_code == httpx.codes.OK
    assert "Merrowby (an invented demonstration store)" in page.text
    assert "This store is invented" in about.text


def test_the_first_page_stays_the_default_stores(page_url: str) -> None:
    assert "Complete Journey grocery" in httpx.get(page_url).text
    assert "This store is invented" not in httpx.get(f"{page_url}about").text
