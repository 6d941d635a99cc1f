"""The report of a fit, in a few lines."""

from collections.abc import Iterator

from assistant.recommend.ranking.heads import HeadsCard
from assistant.recommend.scenarios import Scenario


def report_lines(card: HeadsCard) -> Iterator[str]:
    """Yield what was fitted on what, and the AUC of each scenario and objective."""
    yield (
        f"{card.store}: {card.lists:,} lists, {card.rows:,} rows, {len(card.cuts)} cuts "
        f"from {card.cuts[-1]} to {card.cuts[0]}, {card.seconds:.0f} s"
    )
    yield "AUC on households that were left out"
    yield "".join([f"{'':12}", *(f"{objective:>15}" for objective in card.objectives)])
    for scenario in Scenario:
        cells = [card.metrics.get(f"auc.{scenario}.{o}") for o in card.objectives]
        if any(cell is not None for cell in cells):
            shown = ("-" if cell is None else f"{cell:.4f}" for cell in cells)
            yield "".join([f"{scenario:12}", *(f"{cell:>15}" for cell in shown)])
    for objective, reason in card.off.items():
        yield f"{objective} is off: {reason}."
