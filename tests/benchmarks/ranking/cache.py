"""Lists of every cut, drawn once and kept in the data home."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.lists import Lists, Sampling, Scene, lists_of
from assistant.recommend.ranking.pairs import COLUMNS
from assistant.recommend.scenarios import Scenario

FORMAT = 1
# More than any pool holds.
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class ListCache:
    """Keeps lists by name; `read` is called once, where something is not there yet."""

    folder: Path
    read: Callable[[], RankingData]

    def training(self, day: date, sampling: Sampling) -> Mapping[Scenario, Lists]:
        """Return the thinned lists of a training cut."""
        return self._kept(f"train-{day}", day, sampling)

    def test(self, day: date, households: float = 1.0) -> Mapping[Scenario, Lists]:
        """Return the whole lists of a test cut, of all households or a share of them."""
        whole = None if households == 1.0 else Sampling(_ALL, households)
        return self._kept(f"test-{day}-{households:g}", day, whole)

    def _kept(self, name: str, day: date, sampling: Sampling | None) -> Mapping[Scenario, Lists]:
        self.folder.mkdir(parents=True, exist_ok=True)
        files = {s: self.folder / f"{FORMAT}-{len(COLUMNS)}-{name}-{s}.npz" for s in Scenario}
        if not all(path.exists() for path in files.values()):
            scene: Scene = self.read().scene(day)
            for scenario, lists in lists_of(
                scene, list(Scenario), day.toordinal(), sampling
            ).items():
                _save(lists, files[scenario])
        return {scenario: _load(path) for scenario, path in files.items()}


def biweekly(first: date, last: date) -> Sequence[date]:
    """Return every second Monday from `last` back to `first`, latest first."""
    count = (last - first).days // 14 + 1
    return tuple(last - timedelta(days=14 * at) for at in range(count))


def _save(lists: Lists, path: Path) -> None:
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        np.savez(file, **{f.name: getattr(lists, f.name) for f in fields(lists)})
    half.replace(path)


def _load(path: Path) -> Lists:
    with np.load(path, allow_pickle=False) as kept:
        return Lists(**{f.name: kept[f.name] for f in fields(Lists)})
