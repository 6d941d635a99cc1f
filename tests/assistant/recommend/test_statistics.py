from pathlib import Path

import pytest

from assistant.catalog.database import Database
from assistant.errors import CheckpointError, NotPrepared
from assistant.recommend.statistics import build_statistics, open_statistics
from tests.assistant.little_shop import STORE, Bought, day, little_shop, write_shop

# m1 and m2 are one family: the first basket counts milk once.
ORDERS = (
    Bought("1", "900", day(1), ["m1", "m2", "b1", "gone"]),
    Bought("2", "901", day(2), ["b1"]),
    Bought("3", "900", day(3), ["b1"]),
)


def _quietly(_label: str, _share: float | None) -> None:
    """Show no progress."""


def test_baskets_hold_each_offered_family_once(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        build_statistics(database, STORE, tmp_path / "kept", _quietly)
        found = open_statistics(database, STORE, tmp_path / "kept")
    named = dict(zip(found.family_ids, found.baskets.toarray().T.tolist(), strict=True))
    assert named["milk"] == [1, 0, 0]
    assert named["bread"] == [1, 1, 1]
    assert named["sauce"] == [0, 0, 0]
    assert dict(zip(found.family_ids, found.categories, strict=True))["noodles"] == "pasta"


def test_shoppers_add_up_their_baskets(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        build_statistics(database, STORE, tmp_path, _quietly)
        found = open_statistics(database, STORE, tmp_path)
    named = dict(zip(found.family_ids, found.by_shopper().toarray().T.tolist(), strict=True))
    assert (named["milk"], named["bread"]) == ([1, 0], [2, 1])


def test_a_shop_without_orders_has_empty_statistics(tmp_path: Path) -> None:
    with little_shop(tmp_path) as (database, _):
        build_statistics(database, STORE, tmp_path, _quietly)
        found = open_statistics(database, STORE, tmp_path)
    assert found.baskets.shape == (0, 7)
    assert found.by_shopper().shape == (0, 7)


def test_building_reports_progress_to_its_end_and_once_only(tmp_path: Path) -> None:
    seen: list[float | None] = []
    with little_shop(tmp_path, ORDERS) as (database, _):
        first = build_statistics(
            database, STORE, tmp_path, lambda _label, share: seen.append(share)
        )
        assert seen[-1] == 1.0
        written = first.stat().st_mtime_ns
        seen.clear()
        assert build_statistics(database, STORE, tmp_path, lambda _l, s: seen.append(s)) == first
    assert (seen, first.stat().st_mtime_ns) == ([], written)


def test_new_content_gets_a_new_file(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        first = build_statistics(database, STORE, tmp_path, _quietly)
        write_shop(database, ORDERS[:1], digest="digest-2")
        with pytest.raises(NotPrepared, match="prepare"):
            open_statistics(database, STORE, tmp_path)
        second = build_statistics(database, STORE, tmp_path, _quietly)
        assert first != second
        assert open_statistics(database, STORE, tmp_path).baskets.shape[0] == 1


def test_an_unknown_store_is_not_prepared(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    database.create_all()
    with pytest.raises(NotPrepared, match="prepare"):
        build_statistics(database, STORE, tmp_path, _quietly)
    database.dispose()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_broken_file_is_named_with_its_remedy(tmp_path: Path, share: float) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        file = build_statistics(database, STORE, tmp_path, _quietly)
        whole = file.read_bytes()
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(CheckpointError, match=r"remove it and run"):
            open_statistics(database, STORE, tmp_path)


def test_a_build_that_fails_leaves_no_file_behind(tmp_path: Path) -> None:
    def full_disk(_label: str, _share: float | None) -> None:
        raise OSError("no room")

    with little_shop(tmp_path, ORDERS) as (database, _):
        with pytest.raises(OSError, match="no room"):
            build_statistics(database, STORE, tmp_path / "kept", full_disk)
        with pytest.raises(NotPrepared):
            open_statistics(database, STORE, tmp_path / "kept")
