"""The stores that come with the program, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assistant.catalog.completejourney import loader as completejourney
from assistant.catalog.completejourney.personas import SHOWCASE as COMPLETEJOURNEY_SHOWCASE
from assistant.catalog.database import Database
from assistant.catalog.merrowby import loader as merrowby
from assistant.catalog.merrowby.personas import SHOWCASE as MERROWBY_SHOWCASE
from assistant.catalog.showcase import Showcase

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BundledStore:
    """A store that the program can load by itself; `load` does nothing where it is loaded.

    A `light` one takes seconds to prepare, so a demonstration shows it beside any other.
    """

    load: Callable[[Database, Progress], bool]
    showcase: Showcase
    light: bool


BUNDLED: Mapping[str, BundledStore] = MappingProxyType(
    {
        completejourney.STORE_NAME: BundledStore(
            completejourney.load, COMPLETEJOURNEY_SHOWCASE, light=False
        ),
        merrowby.STORE_NAME: BundledStore(merrowby.load, MERROWBY_SHOWCASE, light=True),
    }
)
