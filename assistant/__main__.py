"""The command line: `python -m assistant`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import AssistantError
from assistant.settings import Settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A shopping assistant that a shop runs itself.",
)

StoreOption = Annotated[str | None, typer.Option(help="The store; the default one if left out.")]
ShopperOption = Annotated[str | None, typer.Option(help="The shopper's id; a guest if left out.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON event a line.")]


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The page's port on 127.0.0.1.")
    ] = 7860,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    store: StoreOption = None,
) -> None:
    """Prepare what is missing, start engine and page on this machine."""
    from assistant.commands import demo as command

    command.run(Settings(), store, port, browser)


@app.command()
def prepare(store: StoreOption = None) -> None:
    """Build database and indexes; safe to repeat and to interrupt."""
    from assistant.commands import prepare as command

    command.run(Settings(), store)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The message.")],
    shopper: ShopperOption = None,
    conversation: Annotated[
        str | None, typer.Option(help="Go on with a conversation; made if it is new.")
    ] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Send one message and print the answer."""
    from assistant.commands import ask as command

    command.run(Settings(), text, shopper, conversation, store, as_json=json)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    store: StoreOption = None,
    max_price: Annotated[
        str | None, typer.Option(help="Highest price: 300 (minor units), 3.00 or $3.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="An aisle, category or department.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=200, help="How many products.")] = 10,
    json: JsonOption = False,
) -> None:
    """Print ranked products."""
    from assistant.commands import products as command

    command.search(Settings(), query, store, max_price, category, k, as_json=json)


@app.command()
def recommend(
    scenario: Annotated[str, typer.Option(help="replenish, browse, cart, promotion or search.")],
    shopper: ShopperOption = None,
    cart: Annotated[str | None, typer.Option(help="Product ids, separated by commas.")] = None,
    query: Annotated[str | None, typer.Option(help="The query of the search scenario.")] = None,
    store: StoreOption = None,
    weights: Annotated[
        str | None,
        typer.Option(help="OBJECTIVE=NUMBER, separated by commas: purchase=1,private_label=2."),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=200, help="How many products.")] = 10,
    json: JsonOption = False,
) -> None:
    """Print recommended products with the reasons."""
    from assistant.commands import products as command

    command.recommend(Settings(), scenario, shopper, cart, query, store, weights, k, as_json=json)


@app.command()
def fit(store: StoreOption = None) -> None:
    """Train a store's ranking heads on its purchases and report how they did."""
    from assistant.commands import fit as command

    command.run(Settings(), store)


@app.command()
def replay(
    store_file: Annotated[Path, typer.Option(help="A tau2-bench retail store, JSON.")],
    tasks: Annotated[Path, typer.Option(help="Its tasks with their gold actions, JSON.")],
    expected: Annotated[Path, typer.Option(help="The end state of each task, JSON.")],
) -> None:
    """Run the gold actions of benchmark tasks through the order tools and compare end states."""
    from assistant.commands import replay as command

    command.run(store_file, tasks, expected)


@app.command()
def engine() -> None:
    """Run only the language engine, until it is stopped."""
    from assistant.commands import engine as command

    command.run(Settings())


@app.command("eval")
def evaluate(
    cases: Annotated[list[str], typer.Argument(help="Case files, JSONL.")],
    prompt: Annotated[
        list[str] | None, typer.Option(help="NAME@VERSION, a hash prefix or a file's path.")
    ] = None,
    store: StoreOption = None,
    repeats: Annotated[int, typer.Option("-k", min=1, help="Runs of each case.")] = 1,
    json: JsonOption = False,
    save_baseline: Annotated[
        bool, typer.Option("--save-baseline", help="Keep this run as what later ones are held to.")
    ] = False,
) -> None:
    """Run evaluation cases and report pass rates."""
    from assistant.commands import evaluate as command

    command.run(
        Settings(), cases, prompt or [], store, repeats, as_json=json, save_baseline=save_baseline
    )


agent = typer.Typer(no_args_is_help=True, help="The people who sign in at /desk.")
app.add_typer(agent, name="agent")
AgentName = Annotated[str, typer.Argument(help="The agent's name; shoppers see it.")]


@agent.command("add")
def agent_add(name: AgentName) -> None:
    """Make an agent's account; the password is asked for, or made and printed once."""
    from assistant.commands import agent as command

    command.add(Settings(), name)


@agent.command("remove")
def agent_remove(name: AgentName) -> None:
    """Remove an agent's account and end its sessions."""
    from assistant.commands import agent as command

    command.remove(Settings(), name)


@agent.command("list")
def agent_list() -> None:
    """Print the agents' names."""
    from assistant.commands import agent as command

    command.print_names(Settings())


def main() -> None:
    """Run a command; errors become one sentence and an exit status."""
    from assistant.commands.status import exit_status

    try:
        app()
    except AssistantError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(exit_status(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
