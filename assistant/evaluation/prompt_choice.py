"""Prompts named on the command line as NAME@VERSION."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant.errors import BadInput
from assistant.prompting import PROMPTS, Prompt, load_prompt, read_prompt


def chosen_prompts(choices: Sequence[str], folder: Path = PROMPTS) -> tuple[Prompt, ...]:
    """Read the prompts that stand in for those of the same names.

    A version is a file's path or the beginning of the hash of the prompt in `folder`. Raises
    BadInput for anything else, PromptError for an unknown name and a file that is no prompt.
    """
    return tuple(_chosen(choice, folder) for choice in choices)


def _chosen(choice: str, folder: Path) -> Prompt:
    name, _, version = choice.partition("@")
    if not name or not version:
        raise BadInput(f"{choice!r} is no prompt choice; write NAME@HASH or NAME@FILE")
    prompt = load_prompt(name, folder)
    if Path(version).is_file():
        return replace(read_prompt(Path(version)), name=name)
    if not prompt.version.startswith(version):
        raise BadInput(
            f"the prompt {name!r} here has the hash {prompt.version}, not {version}; "
            "for another version, give the path of its file"
        )
    return prompt
