import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from assistant.ui import aisles
from assistant.ui.aisles import _LOOKS, FALLBACK_ICON, FALLBACK_TINT, aisle_look

STATIC = Path(aisles.__file__).parent / "static"


@pytest.fixture(scope="module")
def symbols() -> set[str]:
    drawing = ElementTree.parse(STATIC / "icons.svg")
    return {symbol.attrib["id"] for symbol in drawing.getroot()}


def test_every_aisle_has_a_drawing_of_its_own(symbols: set[str]) -> None:
    icons = [icon for icon, _ in _LOOKS.values()]
    assert set(icons) | {FALLBACK_ICON} <= symbols
    assert len(set(icons)) == len(icons)


def test_every_tint_has_a_colour() -> None:
    css = (STATIC / "shop.css").read_text(encoding="utf-8")
    tints = {tint for _, tint in _LOOKS.values()} - {FALLBACK_TINT}
    assert all(f".tint-{tint} {{" in css for tint in tints)


def test_an_aisle_of_an_imported_shop_gets_the_basket() -> None:
    assert aisle_look("Garden gnomes", "Gnome") == (FALLBACK_ICON, FALLBACK_TINT)


def test_yogurt_and_butter_are_not_drawn_as_eggs(symbols: set[str]) -> None:
    shelf = "Eggs, butter & yogurt"
    icons = [aisle_look(shelf, name)[0] for name in ("Large eggs", "Yogurt", "Margarine sticks")]
    assert icons == ["eggs", "yogurt", "butter"]
    assert set(icons) <= symbols
