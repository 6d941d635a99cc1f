from pathlib import Path

import pytest

from assistant.dialogue.requests import Intent, Slots
from finetune.tasks.readings import Reading
from finetune.tasks.support import (
    UTTERANCES,
    Utterance,
    support_accuracy,
    support_check,
    support_intents,
    support_utterances,
)
from finetune.tasks.understand import UnderstandRecipe, UnderstandTask


def test_every_label_has_intents_of_ours() -> None:
    assert len(support_intents()) == 27
    assert all(support_intents().values())


def test_either_intent_of_a_label_counts() -> None:
    utterances = [
        Utterance("when does it come", "delivery_period", support_intents()["delivery_period"])
    ] * 3
    read = [(Reading(intent, Slots()),) for intent in (Intent.POLICY, Intent.ORDER_STATUS)]
    assert support_accuracy(utterances, [*read, None]) == {"support_intent_accuracy": 0.6667}


def test_where_the_utterances_are_absent_there_is_no_figure(tmp_path: Path) -> None:
    assert support_utterances(tmp_path / "absent.csv") == []
    task = UnderstandTask(UnderstandRecipe())
    assert support_check(task, None, tmp_path / "absent.csv") == {}  # type: ignore[arg-type]


@pytest.mark.skipif(not UTTERANCES.is_file(), reason="shared/data is not beside the repository")
def test_the_utterances_labels_are_all_mapped() -> None:
    found = support_utterances(per_label=2)
    assert len(found) == 54
    assert found == support_utterances(per_label=2)
