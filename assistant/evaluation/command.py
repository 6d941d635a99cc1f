"""What the `eval` command does: open a copy of the store, run the cases, judge and compare."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.catalog.database import Database
from assistant.errors import BadInput
from assistant.evaluation.baseline import BASELINE, make_baseline, read_baseline
from assistant.evaluation.cases import Case, read_cases
from assistant.evaluation.evaluation import Evaluation, compared
from assistant.evaluation.facts import FactBook
from assistant.evaluation.figures import outcomes
from assistant.evaluation.prompt_choice import chosen_prompts
from assistant.evaluation.records import CaseRecord
from assistant.evaluation.run import Bench, run_cases
from assistant.evaluation.scratch import copied
from assistant.evaluation.undo import Undo
from assistant.llm.chat import ChatModel
from assistant.orders.orders import OrderBook
from assistant.prompting import Prompt
from assistant.settings import Settings
from assistant.wiring import OpenStore, Progress, open_model, open_store


def evaluate(
    settings: Settings,
    paths: Sequence[Path],
    prompt_choices: Sequence[str],
    store: str | None,
    repeats: int,
    progress: Progress,
    *,
    baseline: Path = BASELINE,
    save_baseline: bool = False,
) -> Evaluation:
    """Run cases on a copy of a prepared store and judge them.

    `save_baseline` writes this run to the baseline's file after comparing. Raises BadInput for
    cases or prompts that cannot be read, and what `open_store` and `open_model` raise.
    """
    name = store or settings.store
    cases = _cases_of(read_cases(paths), name)
    prompts = chosen_prompts(prompt_choices)
    before = read_baseline(baseline)
    with TemporaryDirectory(prefix="evaluation-") as folder:
        database = copied(Database(settings.resolved_database_url), Path(folder))
        opened = open_store(settings, name, database)
        with open_model(settings, progress) as model:
            records = run_on(opened, model, prompts, cases, repeats, progress)
        database.dispose()
    judged = outcomes(records)
    comparable = before is not None and before.made_by(name, settings.model, repeats)
    if save_baseline:
        kept = make_baseline(judged, store=name, model=settings.model, repeats=repeats)
        baseline.write_text(kept.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return compared(judged, before if comparable else None)


def run_on(
    store: OpenStore,
    model: ChatModel,
    prompts: Sequence[Prompt],
    cases: Sequence[Case],
    repeats: int,
    progress: Progress,
) -> tuple[CaseRecord, ...]:
    """Run cases through a store's assistant; its database must be a copy."""
    orders = OrderBook(store.database, store.catalogue.store)
    bench = Bench(
        reply=store.assistant(model, prompts).reply,
        log=store.log,
        carts=store.carts,
        orders=orders,
        facts=FactBook(store.database, store.catalogue, orders),
        store=store.catalogue.store.name,
        desk=store.desk,
        undo=Undo(store.database, store.catalogue.store.name),
    )
    runs, ended = len(cases) * repeats, 0

    def advance() -> None:
        nonlocal ended
        ended += 1
        progress("running cases", ended / runs)

    progress("running cases", 0.0)
    return asyncio.run(run_cases(bench, cases, repeats, advance))


def _cases_of(cases: Sequence[Case], store: str) -> tuple[Case, ...]:
    chosen = tuple(case for case in cases if case.store == store)
    if not chosen:
        stores = ", ".join(sorted({case.store for case in cases}))
        raise BadInput(f"no case is for the store {store!r}; these are for {stores}")
    return chosen
