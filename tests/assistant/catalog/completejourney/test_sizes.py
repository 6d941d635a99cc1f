import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.catalog.completejourney.sizes import NO_SIZE, read_size
from assistant.catalog.completejourney.source import data_folder
from assistant.catalog.completejourney.units import Amount


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("1 GA", "1 gal"),
        ("GAL", "1 gal"),
        ("HALF GAL", "1/2 gal"),
        (".5 GAL", "1/2 gal"),
        ("18 CT", "18 count"),
        ("12 OZ", "12 oz"),
        ("16 OZS.", "16 oz"),
        ("15.00 OZ", "15 oz"),
        ("8 1/2 OZ", "8.5 oz"),
        ("7-3/4 OZ", "7.75 oz"),
        ("3/4 OZ", "0.75 oz"),
        ("32 FL OZ", "32 fl oz"),
        ("1 DZ", "1 dozen"),
        ("DOZ", "1 dozen"),
        ("83.5 SQ FT", "83.5 sq ft"),
        ("250.5 S FT", "250.5 sq ft"),
        ("2 LTR", "2 L"),
        ("2 L*", "2 L"),
        ("PT", "1 pt"),
        ("32 LDS", "32 loads"),
        ("14 PCS", "14 pieces"),
        ("1.25 DIOPT", "1.25 diopters"),
        ("X-LARGE", "extra large"),
        ("SIZE 2", "size 2"),
    ],
)
def test_plain_sizes_are_read(text: str, label: str) -> None:
    assert read_size(text).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("12 PK/12 OZ", "12 x 12 oz"),
        ("12 OZ/12 PK", "12 x 12 oz"),
        ("12/12 OZ CN", "12 x 12 oz"),
        ("10-6.75 OZ", "10 x 6.75 oz"),
        ("24/.5 L", "24 x 0.5 L"),
        ("4/8 OZ", "4 x 8 oz"),
        ("6 X25 GM", "6 x 25 g"),
        # 16 oz may be all four cakes together.
        ("4 PK/16 OZ", "4 pack, 16 oz"),
        ("10.4 OZ/8 CT", "8 count, 10.4 oz"),
        ("10 CT/17.5 Z", "10 count, 17.5 oz"),
        ("120 CT/81 MG", "120 count, 81 mg"),
        ("15 CT/QT", "15 count, 1 qt"),
        ("20 CT/13 GAL", "20 count, 13 gal"),
        ("10 OZ/4 IN", "4 in, 10 oz"),
        ("4 IN/10 OZ", "4 in, 10 oz"),
        ("92 CT/SZ 4", "size 4, 92 count"),
        ("3 T-4 T/40 CT", "3T-4T, 40 count"),
    ],
)
def test_packs_and_pairs_are_read(text: str, label: str) -> None:
    assert read_size(text).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("48-54 CT", "48-54 count"),
        ("1-1.2 LB", "1-1.2 lb"),
        ("2-3 STEM", "2-3 stems"),
        ("3 X5 IN", "3 x 5 in"),
        ("1 IN X 6 FT", "1 in x 6 ft"),
        ("4 X3 X5.5 IN", "4 x 3 x 5.5 in"),
        ("2 X55 YD", "55 yd"),
    ],
)
def test_ranges_and_dimensions_are_read(text: str, label: str) -> None:
    assert read_size(text).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("L    16 OZ", "16 oz"),
        ("AB D  8 OZ", "8 oz"),
        ("934   16 OZ", "16 oz"),
        ("22515 32 OZ", "32 oz"),
        ("7 OZ 156174", "7 oz"),
        ("(600) 4 LB", "4 lb"),
        ("2 LB(32 OZ)", "2 lb"),
        ("20 OZ LOOSE", "20 oz"),
        ("24 OZ/ CAN", "24 oz"),
        ("12 CT/16.5", "12 count"),
        ("4 PK/10.75 O", "4 pack"),
    ],
)
def test_codes_and_remarks_around_a_size_are_left_out(text: str, label: str) -> None:
    assert read_size(text).label == label


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "522763 CTN",
        "CTN",
        "12730850 CT",
        "10813424 OZ",
        "0000012 OZ",
        "2416.9 OZ",
        "40/19.8 OZ",
        "1 CT",
        "LB",
        "PER LB",
        "PK-KING",
        "80 REC OZ",
        "12 16.9 OZ",
        "41-50/16 OZ",
        "4/.187 ML",
        "FLATLINERS",
    ],
)
def test_what_no_shopper_would_read_is_no_size(text: str | None) -> None:
    assert read_size(text) == NO_SIZE


def test_only_a_plain_size_has_an_amount() -> None:
    assert read_size("40 LB").amount == Amount("40", "lb")
    assert read_size("12/12 OZ").amount is None
    assert read_size("LARGE").is_word


@pytest.fixture(scope="module")
def all_texts() -> list[str]:
    rows = duckdb.execute(
        "SELECT DISTINCT package_size FROM read_parquet(?) WHERE package_size IS NOT NULL",
        [str(data_folder() / "products.parquet")],
    ).fetchall()
    return [text for (text,) in rows]


def test_every_size_of_the_data_is_readable_or_none(all_texts: list[str]) -> None:
    assert len(all_texts) == 3705
    number = r"\d+(?:\.\d{1,4})?"
    words = r"(?: (?:fl |sq |cu )?[a-zL]+)*"
    part = rf"(?:size \d+|\dT-\dT|{number}(?:-{number})?{words}|1/2 (?:gal|pt|dozen)|[a-z ]+)"
    label = re.compile(rf"{part}(?:(?:, | x ){part})*")
    for text in all_texts:
        read = read_size(text).label
        assert read == "" or label.fullmatch(read), (text, read)
        assert len(read) <= 24, (text, read)


def test_most_sizes_of_the_data_are_readable(all_texts: list[str]) -> None:
    consumer = [text for text in all_texts if not re.search(r"\d{6} +(?:CTN|PK)|^\d{6,} ", text)]
    unread = [text for text in consumer if read_size(text) == NO_SIZE]
    assert len(unread) < 0.06 * len(consumer)


def test_a_size_says_no_number_that_the_text_does_not(all_texts: list[str]) -> None:
    for text in all_texts:
        whole = {int(number) for number in re.findall(r"\d+", text)} | {0, 1, 2}
        for number in re.findall(r"(?<![\d.])\d+(?![\d.])", read_size(text).label):
            assert int(number) in whole, (text, read_size(text).label)


@given(st.text(alphabet="0123456789 ./-XCTOZLBPKGASZ()", max_size=16))
def test_any_text_is_read_or_refused(text: str) -> None:
    label = read_size(text).label
    assert label == label.strip()
    assert not re.search(r"[A-KM-SU-Z]", label)
