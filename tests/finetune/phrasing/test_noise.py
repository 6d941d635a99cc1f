from dataclasses import replace
from random import Random

import pytest

from finetune.phrasing.fillers import Piece
from finetune.phrasing.noise import Noise, disturb

SILENT = Noise(
    clean=0.0,
    typo=0.0,
    chatty=0.0,
    opener=0.0,
    closer=0.0,
    no_punctuation=0.0,
    no_apostrophe=0.0,
    sentence_case=0.0,
    shouted=0.0,
)
SENTENCE = (
    Piece("what's the price of "),
    Piece("milk", "query"),
    Piece(" under "),
    Piece("$3.50", exact=True),
    Piece("?"),
)


def joined(noise: Noise, seed: int = 0, *, dress: bool = True) -> str:
    return "".join(piece.text for piece in disturb(SENTENCE, Random(seed), noise, dress=dress))


def test_silent_noise_changes_nothing() -> None:
    assert joined(SILENT) == "what's the price of milk under $3.50?"


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        (replace(SILENT, no_punctuation=1.0), "what's the price of milk under $3.50"),
        (replace(SILENT, no_apostrophe=1.0), "whats the price of milk under $3.50?"),
        (replace(SILENT, sentence_case=1.0), "What's the price of milk under $3.50?"),
        (replace(SILENT, shouted=1.0), "WHAT'S THE PRICE OF MILK UNDER $3.50?"),
    ],
)
def test_each_kind_of_noise_does_what_it_says(noise: Noise, expected: str) -> None:
    assert joined(noise) == expected


def test_typos_spare_numbers_and_keep_the_tag() -> None:
    for seed in range(40):
        pieces = disturb(SENTENCE, Random(seed), replace(SILENT, typo=1.0), dress=True)
        assert pieces[3].text == "$3.50"
        assert pieces[1].tag == "query"


def test_a_typo_changes_one_or_two_places() -> None:
    changed = {joined(replace(SILENT, typo=1.0), seed) for seed in range(30)}
    assert len(changed) > 20
    assert all(abs(len(text) - len(joined(SILENT))) <= 2 for text in changed)


def test_fillers_come_only_where_they_are_allowed() -> None:
    dressed = replace(SILENT, opener=1.0, closer=1.0)
    assert len(joined(dressed)) > len(joined(SILENT))
    assert joined(dressed, dress=False) == joined(SILENT)


def test_a_lone_i_is_capitalised_as_phones_do() -> None:
    pieces = disturb(
        (Piece("so i think i'm done"),),
        Random(0),
        replace(SILENT, sentence_case=1.0),
        dress=False,
    )
    assert pieces[0].text == "So I think I'm done"
