"""How messages are cut into requests."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.segments import split_segments


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("I need milk, eggs and bread", ("I need milk, eggs and bread",)),
        (
            "hi! when did I last buy coffee, and show me snacks under $2.50. thanks",
            ("hi", "when did I last buy coffee", "show me snacks under $2.50", "thanks"),
        ),
        ("add milk and remove bread", ("add milk", "remove bread")),
        ("find me chips and then add the first one", ("find me chips", "add the first one")),
        ("mac and cheese", ("mac and cheese",)),
        ("milk 2.49", ("milk 2.49",)),
        ("???", ()),
    ],
)
def test_each_segment_asks_for_one_thing(text: str, segments: tuple[str, ...]) -> None:
    assert split_segments(text) == segments


@given(st.text(alphabet="abc and,.?!;\n", max_size=120))
def test_no_word_of_a_message_is_lost_and_segments_are_few(text: str) -> None:
    segments = split_segments(text, limit=3)
    assert len(segments) <= 3
    assert all(segment.strip() for segment in segments)
    for segment in segments:
        assert set(re.findall(r"[a-z]+", segment)) <= set(re.findall(r"[a-z]+", text))


def test_a_swap_takes_out_and_adds() -> None:
    assert split_segments("swap the milk for cream") == ("take out the milk", "add cream")
    assert split_segments("change the milk to 3") == ("change the milk to 3",)
    assert split_segments("change my delivery address to Main Street") == (
        "change my delivery address to Main Street",
    )


def test_everything_but_one_stays_one_request() -> None:
    assert split_segments("add everything but the bread") == ("add everything but the bread",)
