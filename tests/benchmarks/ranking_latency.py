"""How long ranking takes: one core, no engine, the default store's heads.

Run `python -m tests.benchmarks.ranking_latency` with a prepared default store. One call reads a
shopper's columns, scores the scenario's pool for every objective and puts ten products together.
"""

import time
from collections.abc import Iterator, Sequence

import numpy as np

from assistant import wiring
from assistant.errors import NotPrepared
from assistant.recommend.history import PurchaseHistory
from assistant.recommend.ranking.ranker import Moment, Ranker, Wish
from assistant.recommend.scenarios import Scenario
from assistant.settings import Settings
from tests.benchmarks.table import write_table

SHOPPERS = tuple(str(number) for number in range(1, 2470, 20))
_FOUND = 500


def moments(
    history: PurchaseHistory, location: Sequence[str | None], scenario: Scenario
) -> Iterator[Moment]:
    """Yield a moment for each shopper; carts and searches are of what they bought."""
    for shopper, place in zip(SHOPPERS, location, strict=True):
        purchases = history.of(shopper)
        products = tuple(dict.fromkeys(line.product_id for line in purchases))
        if products:
            yield Moment(
                shopper, scenario, purchases, place, cart=products[-4:], found=products[:_FOUND]
            )


def measure(ranker: Ranker, cases: Sequence[Moment]) -> tuple[str, ...]:
    """Return the median, 95th and highest of milliseconds on one core, and pool sizes."""
    spent, sizes = [], []
    for case in cases:
        sizes.append(ranker.pool_size(case))
        begun = time.thread_time()
        ranker.rank(case, Wish(), 10)
        spent.append(1000 * (time.thread_time() - begun))
    figures = [f"{np.percentile(spent, share):.1f}" for share in (50, 95, 100)]
    return (*figures, f"{np.median(sizes):.0f}", str(max(sizes)), str(len(cases)))


def main() -> None:
    """Print and write the table."""
    settings = Settings()
    shop = wiring.open_store(settings, settings.store)
    ranker = shop.ranker
    if ranker is None:
        raise NotPrepared("The store has no ranking heads; run `python -m assistant fit`.")
    history = PurchaseHistory(shop.database, shop.catalogue.store)
    places = [shop.catalogue.location_of(shopper) for shopper in SHOPPERS]
    rows = [
        (scenario.value, *measure(ranker, list(moments(history, places, scenario))))
        for scenario in Scenario
    ]
    write_table(
        "ranking-latency",
        "Ranking with the heads, milliseconds of one core",
        ("scenario", "p50", "p95", "max", "candidates", "most candidates", "shoppers"),
        rows,
        "python -m tests.benchmarks.ranking_latency",
    )


if __name__ == "__main__":
    main()
