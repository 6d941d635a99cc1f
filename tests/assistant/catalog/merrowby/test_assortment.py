"""What the invented store sells holds together."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from assistant.catalog.merrowby.assortment import (
    Article,
    read_assortment,
    read_companions,
    reduced,
)
from assistant.errors import ConfigurationError

Articles = tuple[Article, ...]


def by_number(articles: Articles, number: int) -> Article:
    return next(article for article in articles if article.number == number)


def test_there_are_more_than_three_hundred_articles_in_three_departments(
    articles: Articles,
) -> None:
    assert len(articles) == 352
    sizes = {d: sum(a.department == d for a in articles) for d in ("Home", "Outdoor")}
    assert sizes == {"Home": 173, "Outdoor": 101}
    assert {article.department for article in articles} == {"Home", "Outdoor", "Electronics"}


def test_most_articles_come_in_two_to_six_variants(articles: Articles) -> None:
    counts = [len(article.variants) for article in articles]
    assert max(counts) == 6
    assert sum(count > 1 for count in counts) >= 250


def test_ids_names_and_numbers_are_unique(articles: Articles) -> None:
    for values in (
        [article.number for article in articles],
        [article.id for article in articles],
        [article.name for article in articles],
        [article.description for article in articles],
        [variant.id for article in articles for variant in article.variants],
    ):
        assert len(values) == len(set(values))


def test_variants_of_an_article_have_the_same_options_and_differ_in_them(
    articles: Articles,
) -> None:
    for article in articles:
        names = {tuple(option.name for option in v.options) for v in article.variants}
        assert len(names) == 1, article.name
        assert len({variant.options for variant in article.variants}) == len(article.variants)
        assert all(o.name and o.value for v in article.variants for o in v.options)


def test_prices_are_positive_and_never_above_the_regular_price(articles: Articles) -> None:
    for article in articles:
        for variant in article.variants:
            assert 0 < variant.price <= variant.regular_price, variant.id
            assert variant.regular_price % 100 == 0
            assert variant.stock >= 0


def test_a_larger_size_costs_its_own_price_and_a_color_none(articles: Articles) -> None:
    oven = by_number(articles, 1102)
    assert {v.options[0].value: v.regular_price for v in oven.variants} == {
        "4 qt": 7900,
        "6 qt": 9900,
    }
    colors = {v.options[1].value for v in oven.variants}
    assert colors == {"oatmeal", "bottle green", "brick"}


def test_no_two_descriptions_are_of_one_template(articles: Articles) -> None:
    """Descriptions share few of their words in the same order: no run of six is used twice."""
    seen: dict[tuple[str, ...], str] = {}
    for article in articles:
        words = re.findall(r"\w+", article.description.lower())
        for run in {tuple(words[at : at + 6]) for at in range(len(words) - 5)}:
            assert run not in seen, (article.name, seen[run], " ".join(run))
            seen[run] = article.name


def test_descriptions_are_a_few_full_sentences(articles: Articles) -> None:
    for article in articles:
        assert 20 <= len(article.description.split()) <= 75, article.name
        assert article.description.endswith(".")
        assert not re.search(r"\s{2}|\?\?|\bTODO\b", article.description)


def test_keywords_begin_with_the_kind_and_none_is_said_twice(articles: Articles) -> None:
    for article in articles:
        assert article.keywords[0] == article.kind
        assert len(set(article.keywords)) == len(article.keywords), article.name
        assert len(article.keywords) >= 2, article.name


def test_the_own_label_is_the_stores_name(articles: Articles) -> None:
    own = [article for article in articles if article.own_label]
    assert len(own) == 12
    assert all(article.name.startswith("Merrowby ") for article in own)


def test_companions_are_other_articles(articles: Articles) -> None:
    numbers = {article.number for article in articles}
    for number, others in read_companions().items():
        assert number in numbers and set(others) <= numbers - {number}


def test_brands_are_not_each_others_beginnings(articles: Articles) -> None:
    brands = sorted({article.brand for article in articles})
    assert len(brands) == 44
    assert not any(b.startswith(a) for a, b in combinations(brands, 2))


@pytest.mark.parametrize(("price", "lowered"), [(7900, 6700), (600, 500), (28900, 24500)])
def test_reduced_prices_are_fifteen_percent_lower_in_whole_units(price: int, lowered: int) -> None:
    assert reduced(price) == lowered


def test_reading_twice_gives_the_same(articles: Articles) -> None:
    assert read_assortment() == articles


def test_a_broken_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "bath.yaml").write_text("aisle: Bath\nproducts:\n- id: one\n")
    with pytest.raises(ConfigurationError, match=r"bath\.yaml"):
        read_assortment(tmp_path)
