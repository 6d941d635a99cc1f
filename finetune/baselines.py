"""What a prompt learned for `understand` has to beat: none, a written one, plain classifiers."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sklearn.linear_model import LogisticRegression

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.dialogue.context import Context, ShownProduct
from assistant.dialogue.requests import Intent, Slots
from assistant.dialogue.understand import Understander
from assistant.llm.model_store import prepare_model
from assistant.llm.scripted import ScriptedChat
from assistant.prompting import PROMPTS, load_prompt
from assistant.retrieval.embedder import Embedder
from assistant.settings import Settings
from assistant.wiring import understander_of
from finetune import intents
from finetune.answering import Answering, Report
from finetune.evaluation import evaluated, machine, today
from finetune.phrasing import default_vocabulary
from finetune.phrasing.grammar import load_templates
from finetune.results import Result
from finetune.tasks.readings import Reading
from finetune.tasks.support import support_accuracy, support_utterances
from finetune.tasks.task import Dataset, Sample
from finetune.tasks.understand import (
    Drawn,
    Readings,
    UnderstandRecipe,
    UnderstandTask,
    gold_readings,
    part_of,
    score,
)
from finetune.training import load_base

CONFIG = Path(__file__).parent / "configs" / "intent.yaml"
WRITTEN = Path(__file__).parent / "prompts"
Baseline = Callable[["Bench"], Mapping[str, float]]


class Bench:
    """The test set that baselines are scored on, and where their parts are found."""

    def __init__(self, settings: Settings, recipe: UnderstandRecipe, report: Report) -> None:
        self.settings = settings
        self.report = report
        self.recipe = recipe
        self.task = UnderstandTask(recipe)
        self.data: Dataset = self.task.prepare(settings.home)
        self.base = prepare_model(settings.model, settings.home, report)

    def result(self, name: str) -> Result:
        """Score a baseline."""
        baseline, note = BASELINES[name]
        return self.row(name, baseline(self), note)

    def row(self, name: str, metrics: Mapping[str, float], note: str = "") -> Result:
        """Return a baseline's row."""
        return Result(
            task="understand",
            method=name,
            metrics=metrics,
            data_digest=self.data.digest,
            base_digest=self.base.digest,
            note=note,
            date=today(),
            machine=machine(),
        )


def _bare(bench: Bench) -> Mapping[str, float]:
    return _asked(bench, bench.task, bench.data.test)


def _written(bench: Bench) -> Mapping[str, float]:
    task = UnderstandTask(bench.recipe, load_prompt("understand", WRITTEN))
    drawn = [Drawn(*_said(sample), gold_readings(sample)) for sample in bench.data.test]
    return _asked(bench, task, task.samples(drawn))


def _asked(bench: Bench, task: UnderstandTask, samples: Sequence[Sample]) -> Mapping[str, float]:
    model, tokenizer = load_base(bench.base)
    return evaluated(task, Answering(model, tokenizer, None, bench.report), samples)


def _embeddings(bench: Bench) -> Mapping[str, float]:
    """Read each message as one request: an intent without slots."""
    embedder = Embedder()
    single = [sample for sample in bench.data.train if len(gold_readings(sample)) == 1]
    model = LogisticRegression(C=10.0, max_iter=500)
    texts = [_said(sample)[0] for sample in single]
    model.fit(embedder.encode(texts, bench.report), [_first_intent(sample) for sample in single])

    def read(messages: Sequence[str]) -> list[Readings]:
        named = model.predict(embedder.encode(messages))
        return [(Reading(Intent(name), Slots()),) for name in named]

    gold = [gold_readings(sample) for sample in bench.data.test]
    found = score(gold, read([_said(sample)[0] for sample in bench.data.test]))
    utterances = support_utterances()
    intents_only = {n: v for n, v in found.items() if n.startswith(("intent", "parsed"))}
    outside = support_accuracy(utterances, read([u.text for u in utterances]))
    return {**intents_only, **outside}


def _product(bench: Bench) -> Mapping[str, float]:
    return _understood(bench, PROMPTS / "classifiers" / "intent")


def _product_held_out(bench: Bench) -> Mapping[str, float]:
    """Train the product's classifier on the training templates alone."""
    folder = bench.settings.home / "finetune" / "intent-held-out"
    config = intents.load_config(CONFIG)
    made = config.examples.examples(default_vocabulary())
    weights = {template.id: template.weight for template in load_templates()}
    kept = tuple(e for e in made if part_of(e.template_id, weights[e.template_id]) == "train")
    path = folder / f"{len(kept)}.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    prepared = intents.Prepared(path, f"{len(kept)} examples", kept)
    intents.save(intents.train(prepared, config.model, Embedder(), bench.report), folder)
    return _understood(bench, folder)


def _understood(bench: Bench, classifier: Path) -> Mapping[str, float]:
    """Let the product's classifier and rules read the test; its model is not there."""
    settings = bench.settings
    catalogue = Catalogue(Database(settings.resolved_database_url), settings.store)
    reader = understander_of(
        catalogue, Embedder(), ScriptedChat(), load_prompt("understand"), classifier
    )
    read = asyncio.run(_all_read(reader, [_said(sample) for sample in bench.data.test]))
    utterances = support_utterances()
    outside = asyncio.run(_all_read(reader, [(u.text, ()) for u in utterances]))
    gold = [gold_readings(sample) for sample in bench.data.test]
    return {**score(gold, read), **support_accuracy(utterances, outside)}


async def _all_read(
    reader: Understander, messages: Sequence[tuple[str, Sequence[str]]]
) -> list[Readings]:
    found = []
    for message, shown in messages:
        understood = await reader.understand(message, _context(shown))
        found.append(tuple(Reading(r.intent, r.slots) for r in understood.requests))
    return found


def _context(shown: Sequence[str]) -> Context:
    products = (
        ShownProduct(product_id=str(at), family_id=str(at), name=name, title=name, price=100)
        for at, name in enumerate(shown)
    )
    return Context(shown=tuple(products))


def _said(sample: Sample) -> tuple[str, tuple[str, ...]]:
    """Return a sample's message and what was shown before."""
    facts = json.loads(sample.facts)
    return facts["message"], tuple(facts["shown"])


def _first_intent(sample: Sample) -> str:
    return gold_readings(sample)[0].intent.value


BASELINES: Mapping[str, tuple[Baseline, str]] = {
    "no prompt": (_bare, ""),
    "hand-written prompt": (_written, "intents, slots and five examples in plain text"),
    "MiniLM + logistic regression": (_embeddings, "one intent a message, no slots"),
    "classifier + rules, held out": (
        _product_held_out,
        "the product's own reading, its classifier trained on the training templates alone",
    ),
    "classifier + rules, as shipped": (
        _product,
        "its classifier has seen the test's templates, the rules were written beside them",
    ),
}
