"""The relevance floor: whether what was found is what was asked, by a small calibrated model."""

import csv
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.resources import files

from assistant.errors import CheckpointError
from assistant.retrieval.lexical import Asked, Lexicon, name_match
from assistant.retrieval.listings import Listing
from assistant.retrieval.query import Query, Word


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best listing being what was asked; each number 0 to 1, but `drop`.

    `drop` is how far the cosine rises when the words that the listing lacks are left out of the
    query: high where these change what is meant (oat milk), low where they do not.
    """

    words: float
    cosine: float
    named: float
    covered: float
    head: float
    whole: float
    unknown: float
    missing: float
    cosine_without: float
    drop: float


def uncovered(query: Query, listing: Listing) -> tuple[Word, ...]:
    """The query's content words that a listing says nowhere."""
    return tuple(word for word in query.binding if word.stem not in listing.stems)


def without(query: Query, words: tuple[Word, ...]) -> str:
    """The query's text without some of its words."""
    return " ".join(word.text for word in query.counted if word not in words)


def weigh(
    query: Query, wanted: Asked, listing: Listing, lexicon: Lexicon, cosines: tuple[float, float]
) -> Evidence:
    """Gather the evidence that a listing answers a query.

    `cosines` are those of the query and of the query without the words the listing lacks; 0 where
    it lacks all.
    """
    cosine, cosine_without = cosines
    said = [len(phrase.stems & wanted.stems) / len(phrase.stems)
            for phrase in listing.phrases if phrase.stems & wanted.weights.keys()]  # fmt: skip
    return Evidence(
        words=name_match(wanted, listing),
        cosine=cosine,
        named=wanted.coverage(listing.named),
        covered=wanted.coverage(listing.stems),
        head=float(wanted.last in listing.heads),
        whole=max(said, default=0.0),
        unknown=1 - wanted.coverage(lexicon.stems),
        missing=len(uncovered(query, listing)) / len(query.binding),
        cosine_without=cosine_without,
        drop=cosine_without - cosine if cosine_without else 0.0,
    )


class RelevanceModel:
    """Logistic regression on evidence; fitted by `python -m finetune.relevance`."""

    def __init__(self, coefficients: Mapping[str, float], intercept: float) -> None:
        self._coefficients = coefficients
        self._intercept = intercept

    @classmethod
    def load(cls) -> "RelevanceModel":
        """Read the fitted coefficients; raises CheckpointError where they do not fit the code."""
        path = files("assistant.retrieval") / "calibration" / "coefficients.csv"
        rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        values = {row["feature"]: float(row["weight"]) for row in rows}
        intercept = values.pop("intercept", None)
        if intercept is None or values.keys() != {field.name for field in fields(Evidence)}:
            raise CheckpointError(
                "The relevance model does not fit its features: run `python -m finetune.relevance`."
            )
        return cls(values, intercept)

    def probability(self, evidence: Evidence) -> float:
        """The probability that the listing is what was asked."""
        logit = self._intercept + sum(
            self._coefficients[name] * value for name, value in asdict(evidence).items()
        )
        return 1 / (1 + math.exp(-logit))
