"""The evaluation table as a page and as pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING

from finetune.results import TABLES, Result, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "understand": ("intent_accuracy", "slot_f1", "exact", "support_intent_accuracy"),
    "history": (
        "new_ndcg history",
        "new_ndcg popularity",
        "new_ndcg popularity + history",
        "all_ndcg recency + popularity + history",
        "all_ndcg recency",
        "own_minus_other_ndcg",
        "own_minus_other_all",
    ),
    "reply": ("sentences_surviving", "blind_wins", "perplexity"),
}
_NAMES = {"prompt_tuning": "prompt tuning", "p_tuning": "P-tuning", "prefix_tuning": "prefix"}
_LEARNED = frozenset({*_NAMES, "lora", "adalora", "head_only", "top_layers", "full"})


@dataclass(frozen=True, slots=True)
class Line:
    """A method's rows of all seeds together."""

    name: str
    rows: tuple[Result, ...]

    @property
    def learned(self) -> bool:
        """Tell a method from a baseline."""
        return self.rows[0].method in _LEARNED

    def values(self, metric: str) -> list[float]:
        """Return a metric of all seeds that have it."""
        return [row.metrics[metric] for row in self.rows if metric in row.metrics]

    def cell(self, metric: str) -> str:
        """Write the mean over seeds with its spread, of one seed with the test's 95 % interval."""
        values = self.values(metric)
        if not values:
            return "-"
        if len(values) > 1:
            return f"{mean(values):.3f} ± {stdev(values):.3f}"
        known = self.rows[0].metrics
        if f"{metric}_low" in known:
            return f"{values[0]:.3f} [{known[f'{metric}_low']:.3f}, {known[f'{metric}_high']:.3f}]"
        return f"{values[0]:.3f}"


def lines(rows: Iterable[Result], measure: str) -> list[Line]:
    """Put the seeds of a method together, baselines first, then the best method first."""
    groups: dict[tuple[str, int, str], list[Result]] = {}
    for row in rows:
        groups.setdefault((_name(row), row.budget, row.data_digest), []).append(row)
    found = [Line(name, tuple(group)) for (name, _, _), group in groups.items()]
    return sorted(found, key=lambda line: (line.learned, -_best(line, measure)))


def _best(line: Line, measure: str) -> float:
    values = line.values(measure)
    return mean(values) if values else -1.0


def _name(row: Result) -> str:
    name = _NAMES.get(row.method, row.method.replace("_", " "))
    start = f", from {row.init}" if row.init else ""
    return f"{name}{start}{' (continued)' if row.parent else ''}"


def header(task: str) -> tuple[str, ...]:
    """Return the columns of a task's table."""
    named = (column.replace("_", " ") for column in COLUMNS[task])
    return ("method", *named, "seeds", "trained", "tokens", "seconds", "date", "machine")


def cells(line: Line, task: str) -> tuple[str, ...]:
    """Return one line of a task's table."""
    first = line.rows[0]
    return (
        line.name,
        *(line.cell(column) for column in COLUMNS[task]),
        str(len({row.seed for row in line.rows})),
        f"{first.parameters:,}" if first.parameters else "-",
        f"{mean(row.tokens for row in line.rows):,.0f}" if first.tokens else "-",
        f"{mean(row.seconds for row in line.rows):,.0f}" if first.seconds else "-",
        max(row.date for row in line.rows),
        first.machine,
    )


def write_page(table: Table, folder: Path = TABLES, images: Path = IMAGES) -> Path:
    """Write a task's table as Markdown with its pictures; returns the page."""
    found = lines(table.rows, table.measure)
    pictures = draw(table.task, found, table.measure, images)
    notes = dict.fromkeys(f"{_name(row)}: {row.note}." for row in table.rows if row.note)
    page = [
        f"# Learned prompts: `{table.task}`",
        "",
        f"`python -m tests.benchmarks.learned_prompts --task {table.task}` adds what is missing. "
        "Figures are on the test set; several seeds: mean ± standard deviation; one: 95 % interval "
        "by bootstrap over the test's samples.",
        "",
        *markdown(header(table.task), [cells(line, table.task) for line in found]),
        "",
        *(f"- {note}" for note in notes),
        "",
        *(f"![{path.stem}](../../images/{path.name})" for path in pictures),
        "",
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table.task}.md"
    path.write_text("\n".join(page), encoding="utf-8")
    return path


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Write a table's lines."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def draw(task: str, found: Sequence[Line], measure: str, folder: Path) -> list[Path]:
    """Draw losses and the comparison of methods; nothing where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        return []
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, plot in (("loss", _losses), ("methods", _methods)):
        figure = Figure(figsize=(7, 4), layout="constrained")
        plot(figure.add_subplot(), found, measure)
        path = folder / f"learned-{task}-{name}.png"
        figure.savefig(path, dpi=110)
        written.append(path)
    return written


def _losses(axes: "Axes", found: Sequence[Line], measure: str) -> None:
    """Draw each method's validation loss, of its first seed."""
    for line in found:
        curve = line.rows[0].curve
        if curve is not None and curve.validation:
            steps, losses = zip(*curve.validation, strict=True)
            axes.plot(steps, losses, marker="o", markersize=3, label=line.name)
    axes.set_xlabel("step")
    axes.set_ylabel(f"validation loss, nats a token ({measure} decides)")
    axes.set_yscale("log")
    if axes.lines:
        axes.legend(fontsize=8)


def _methods(axes: "Axes", found: Sequence[Line], measure: str) -> None:
    shown = [line for line in found if line.values(measure)]
    means = [mean(line.values(measure)) for line in shown]
    colours = ["tab:blue" if line.learned else "tab:gray" for line in shown]
    axes.barh([line.name for line in shown], means, color=colours)
    for at, line in enumerate(shown):
        axes.plot(line.values(measure), [at] * len(line.values(measure)), "k.", markersize=4)
    axes.invert_yaxis()
    axes.set_xlabel(measure)
