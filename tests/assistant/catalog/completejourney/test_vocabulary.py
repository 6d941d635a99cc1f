import csv
import re
from pathlib import Path

import pytest

from assistant.catalog.completejourney.vocabulary import (
    FOLDER,
    TABLES,
    Label,
    Vocabulary,
    read_vocabulary,
)
from assistant.catalog.products import Restriction

Codes = list[tuple[str, str | None, str | None]]

SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
# How the data's codes are cut off or abbreviated; no label may end or read like that.
CODED = re.compile(
    r"\b(?:FRZN|FRZ|CNTRL|MISC|PKG|ASST|SPECLTY|BRKFST|ACC|W/|NUT SUPP|FEM|HYGN|DRNK|SFT|BTL|"
    r"REFRIG|SNGL|SRV|VEG|CHOC|PROD|CND|MLT|ALL OTH)\b"
)


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_type_category_and_department_of_the_data_has_an_entry(
    codes: Codes, vocabulary: Vocabulary
) -> None:
    assert len({kind for _, _, kind in codes if kind}) == 2378
    for department, category, kind in codes:
        vocabulary.label(department, category, kind)
        assert department in vocabulary.departments
        assert category is None or category in vocabulary.categories


def test_no_entry_is_for_a_code_that_the_data_lacks(codes: Codes, vocabulary: Vocabulary) -> None:
    kinds = {kind for _, _, kind in codes}
    pairs = {(kind, category) for _, category, kind in codes}
    for kind, category in vocabulary.types:
        assert kind in kinds
        assert category == "" or (kind, category) in pairs
    assert set(vocabulary.categories) == {category for _, category, _ in codes if category}
    assert set(vocabulary.departments) == {department for department, _, _ in codes}


@pytest.mark.parametrize("table", TABLES)
def test_no_name_is_shouted_coded_or_clumsy(table: str) -> None:
    for row in rows(table):
        name = row["name"]
        assert re.fullmatch(r"[A-Z0-9][\w '&,-]{2,43}", name), name
        assert not SHOUTED.search(name), name
        assert not CODED.search(name.upper()), name
        assert name == name.strip() and "  " not in name, name
        assert not re.search(r"[ ,&-]$", name), name


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_sorted_and_say_nothing_twice(table: str) -> None:
    width = 2 if table == "types.csv" else 1
    keys = [tuple(row.values())[:width] for row in rows(table)]
    assert keys == sorted(set(keys))


def test_no_two_names_differ_only_in_case() -> None:
    names = {row["name"] for row in rows("types.csv")}
    assert len({name.casefold() for name in names}) == len(names)


def test_aisles_are_few() -> None:
    aisles = {row["aisle"] for row in rows("types.csv")}
    assert {row["aisle"] for row in rows("categories.csv")} <= aisles
    assert len(aisles) <= 42


def test_keywords_are_lower_case_and_promise_nothing_the_data_cannot_say() -> None:
    for row in rows("types.csv"):
        assert row["keywords"] == row["keywords"].lower()
        assert all(word == word.strip() != "" for word in row["keywords"].split("|")[1:])
        promises = r"oat milk|almond milk|coca|\bcoke\b|pepsi|vegan|keto|lactose-free"
        assert not re.search(promises, f"{row['name']}|{row['keywords']}".lower()), row


@pytest.mark.parametrize(
    ("kind", "restriction"),
    [
        ("CIGARETTES", Restriction.TOBACCO),
        ("CIG LIGHTERS/LTR FLUID/PIPES", Restriction.TOBACCO),
        ("BEERALEMALT LIQUORS", Restriction.ALCOHOL),
        ("FRENCH WINES", Restriction.ALCOHOL),
        ("TRADITIONAL VODKA", Restriction.ALCOHOL),
        ("ADULT ANALGESICS", Restriction.MEDICINE),
        ("SMOKING CESSATION", Restriction.MEDICINE),
        ("PREGNANCY TEST KITS", Restriction.INTIMATE),
        ("PROPHYLACTICS", Restriction.INTIMATE),
        ("ADULT INCONTINENCE BRIEFS", Restriction.INTIMATE),
        ("HEMORRHOIDAL", Restriction.INTIMATE),
        ("AGE RESTRICTED FIREWORKS", Restriction.WEAPON),
        ("FLUID MILK WHITE ONLY", None),
        ("BANDAGE/TAPE", None),
        ("TOOTHPASTE", None),
        ("VITAMIN - CHILDREN", None),
    ],
)
def test_what_is_restricted_is_flagged(
    vocabulary: Vocabulary, kind: str, restriction: Restriction | None
) -> None:
    label = vocabulary.types[kind, ""]
    assert label is not None
    assert label.restriction is restriction


@pytest.mark.parametrize(
    ("department", "category", "kind"),
    [
        ("FUEL", "FUEL", "GASOLINE-REG UNLEADED"),
        ("GROCERY", "COUPON/MISC ITEMS", "MISC SALES TRANS"),
        ("MISCELLANEOUS", None, "STRAWBERRIES"),
        ("MISCELLANEOUS", None, None),
        ("DRUG GM", "IN-STORE PHOTOFINISHING", "ONE HOUR PROCESSING"),
        ("GROCERY", "BOTTLE DEPOSITS", "BOTTLE DEPOSITS"),
    ],
)
def test_what_no_shopper_takes_from_a_shelf_is_left_out(
    vocabulary: Vocabulary, department: str, category: str | None, kind: str | None
) -> None:
    assert vocabulary.label(department, category, kind) is None


def write_tables(folder: Path) -> None:
    (folder / "types.csv").write_text(
        "product_type,product_category,name,aisle,flag,keywords\n"
        "MISC,,Other groceries,Snacks,,\n"
        "MISC,SOUP,Other soups,Canned food,,broth|stew\n"
        "BEER,,Beer,Drinks,alcohol,\n"
        "TICKET,,Tickets,Services,drop,\n"
    )
    (folder / "categories.csv").write_text(
        "product_category,name,aisle,flag\nSOUP,Soup,Canned food,\nSOCKS,Socks,Clothing,\n"
        "TILL,Till entries,Services,drop\n"
    )
    (folder / "departments.csv").write_text("department,name,flag\nFOOD,Food,\nFUEL,Fuel,drop\n")


def test_a_type_is_looked_up_in_its_category_first(tmp_path: Path) -> None:
    write_tables(tmp_path)
    vocabulary = read_vocabulary(tmp_path)
    soups = Label("Other soups", "Canned food", None, ("broth", "stew"))
    assert vocabulary.label("FOOD", "SOUP", "MISC") == soups
    assert vocabulary.label("FOOD", "SOCKS", "MISC") == Label("Other groceries", "Snacks", None, ())
    assert vocabulary.label("FOOD", None, "BEER") == Label(
        "Beer", "Drinks", Restriction.ALCOHOL, ()
    )


def test_a_product_without_a_type_is_called_by_its_category(tmp_path: Path) -> None:
    write_tables(tmp_path)
    vocabulary = read_vocabulary(tmp_path)
    assert vocabulary.label("FOOD", "SOCKS", None) == Label("Socks", "Clothing", None, ())
    assert vocabulary.label("FOOD", None, None) is None


def test_a_dropped_department_category_or_type_is_not_offered(tmp_path: Path) -> None:
    write_tables(tmp_path)
    vocabulary = read_vocabulary(tmp_path)
    assert vocabulary.label("FUEL", "SOUP", "MISC") is None
    assert vocabulary.label("FOOD", "TILL", "MISC") is None
    assert vocabulary.label("FOOD", "SOUP", "TICKET") is None


def test_an_unknown_code_is_an_error(tmp_path: Path) -> None:
    write_tables(tmp_path)
    with pytest.raises(KeyError):
        read_vocabulary(tmp_path).label("FOOD", "SOUP", "NONESUCH")
