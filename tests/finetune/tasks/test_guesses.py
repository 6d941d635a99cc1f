from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.dialogue.requests import Intent
from assistant.retrieval.embedder import Embedder, Progress, no_progress
from finetune.tasks.guesses import Guesser, Labelled, guess_text

WORDS = ("milk", "cart", "hello", "order")
LABELS = (Intent.FIND, Intent.CART_SHOW, Intent.SMALL_TALK, Intent.ORDERS)


class Bag(Embedder):
    """Vectors that count the four words."""

    def encode(
        self, texts: Sequence[str], progress: Progress = no_progress
    ) -> npt.NDArray[np.float32]:
        del progress
        return np.array([[3.0 * (word in text) for word in WORDS] for text in texts], np.float32)


def labelled(copies: int = 12) -> list[Labelled]:
    return [
        Labelled(f"{word} {at}", intent, f"{intent}-{at}")
        for word, intent in zip(WORDS, LABELS, strict=True)
        for at in range(copies)
    ]


def test_each_segment_of_a_message_is_guessed() -> None:
    (guessed,) = Guesser(labelled(), Bag()).guesses(["find milk. show me my cart"])
    assert guessed == ((Intent.FIND,), (Intent.CART_SHOW,))


def test_what_could_be_two_things_gets_two_guesses() -> None:
    ((guess,),) = Guesser(labelled(), Bag()).guesses(["milk order"])
    assert set(guess) == {Intent.FIND, Intent.ORDERS}


def test_messages_of_several_requests_teach_the_guesser_nothing() -> None:
    several = Labelled("cart hello", None, "several")
    ((guess,),) = Guesser([*labelled(), *[several] * 50], Bag()).guesses(["cart"])
    assert guess == (Intent.CART_SHOW,)


def test_a_training_message_is_guessed_without_its_own_phrasing() -> None:
    # The only orders are one phrasing: who has not seen it cannot guess it.
    seen = [one for one in labelled() if one.intent is not Intent.ORDERS]
    orders = Labelled("order", Intent.ORDERS, "one-phrasing")
    guesser = Guesser([*seen, *[orders] * 12], Bag())
    assert guesser.guesses(["order"]) == [((Intent.ORDERS,),)]
    ((guess,),) = guesser.held_out([orders])
    assert Intent.ORDERS not in guess


def test_guesses_are_written_in_the_words_of_answers() -> None:
    guesses = ((Intent.FIND, Intent.REFINE), (Intent.CART_ADD,))
    assert guess_text(guesses) == '["find"/"refine","cart_add"]'
