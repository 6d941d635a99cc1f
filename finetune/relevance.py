"""Fits the relevance floor on labelled queries and reports how well it does on unseen ones.

python -m finetune.relevance --home DATA_HOME [--store NAME] [--check QUERIES.csv]
"""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.index import ProductIndex, build_index
from assistant.retrieval.relevance import Evidence, RelevanceModel
from assistant.settings import DEFAULT_STORE

CALIBRATION = Path(__file__).parents[1] / "assistant" / "retrieval" / "calibration"
FEATURES = tuple(field.name for field in fields(Evidence))
FOLDS = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """A query and whether the shop carries what it asks for."""

    query: str
    carried: bool


def read_queries(path: Path) -> tuple[Labelled, ...]:
    """Read labelled queries from a table with the columns query and carried (1 or 0)."""
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            Labelled(row["query"], row["carried"] == "1") for row in csv.DictReader(stream)
        )


def evidence_of(index: ProductIndex, queries: Sequence[Labelled]) -> list[Evidence]:
    """The evidence for each query; nothing found counts as no evidence at all."""
    nothing = Evidence(*(0.0 for _ in FEATURES))
    return [index.evidence(each.query) or nothing for each in queries]


def fit_model(
    evidence: Sequence[Evidence], carried: Sequence[bool]
) -> tuple[dict[str, float], npt.NDArray[np.float64]]:
    """Fit the model; returns its weights and each query's out-of-fold probability."""
    features = np.array([list(asdict(each).values()) for each in evidence])
    labels = np.array(carried)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    unseen = cross_val_predict(pipeline, features, labels, cv=folds, method="predict_proba")[:, 1]
    pipeline.fit(features, labels)
    scaler, model = pipeline[0], pipeline[1]
    weights = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    named = dict(zip(FEATURES, (float(weight) for weight in weights), strict=True))
    return {"intercept": intercept, **named}, unseen


def write_coefficients(weights: dict[str, float], path: Path) -> None:
    """Write the weights as the table that the product reads."""
    rows = [f"{name},{weight:.5f}" for name, weight in weights.items()]
    path.write_text("\n".join(["feature,weight", *rows]) + "\n", encoding="utf-8")


def report(queries: Sequence[Labelled], probability: Sequence[float], console: Console) -> None:
    """Print accuracy on absent and present queries, and each mistake."""
    table = Table("asked for", "queries", "right", "share")
    for carried, name in ((False, "absent"), (True, "present")):
        right = [
            (chance >= 0.5) == carried
            for each, chance in zip(queries, probability, strict=True)
            if each.carried == carried
        ]
        table.add_row(name, str(len(right)), str(sum(right)), f"{np.mean(right):.1%}")
    console.print(table)
    for each, chance in zip(queries, probability, strict=True):
        if (chance >= 0.5) != each.carried:
            console.print(f"  {'present' if each.carried else 'absent'} {chance:.2f} {each.query}")


def main() -> None:
    """Fit and write the coefficients, or with --check only report on other queries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, required=True, help="data home with shop.db")
    parser.add_argument("--store", default=DEFAULT_STORE)
    parser.add_argument("--check", type=Path, help="labelled queries to report on, without fitting")
    chosen = parser.parse_args()
    database = Database(f"sqlite:///{chosen.home / 'shop.db'}")
    families = tuple(Catalogue(database, chosen.store).families.values())
    embedder, directory = Embedder(), chosen.home / "index"
    build_index(families, embedder, directory)
    index = ProductIndex.open(directory, embedder, families)
    queries = read_queries(chosen.check or CALIBRATION / "queries.csv")
    evidence = evidence_of(index, queries)
    console = Console()
    if chosen.check:
        model = RelevanceModel.load()
        report(queries, [model.probability(each) for each in evidence], console)
        return
    weights, unseen = fit_model(evidence, [each.carried for each in queries])
    write_coefficients(weights, CALIBRATION / "coefficients.csv")
    report(queries, list(unseen), console)


if __name__ == "__main__":
    main()
