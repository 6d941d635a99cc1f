from assistant.llm.breaker import Breaker, Trust


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_new_engine_is_tried_first() -> None:
    assert Breaker().trust() is Trust.UNKNOWN


def test_success_is_trusted_for_a_while() -> None:
    clock = Clock()
    breaker = Breaker(trust_seconds=5, clock=clock)
    breaker.succeeded()
    clock.seconds += 4.9
    assert breaker.trust() is Trust.GOOD
    clock.seconds += 0.2
    assert breaker.trust() is Trust.UNKNOWN


def test_repeated_failures_are_left_alone_for_longer_up_to_a_limit() -> None:
    clock = Clock()
    breaker = Breaker(pause_seconds=1, longest_pause=3, clock=clock)
    for pause in (1, 2, 3, 3):
        breaker.failed()
        clock.seconds += pause - 0.1
        assert breaker.trust() is Trust.BAD
        clock.seconds += 0.2
        assert breaker.trust() is Trust.UNKNOWN


def test_calls_that_fail_together_count_once() -> None:
    clock = Clock()
    breaker = Breaker(pause_seconds=1, longest_pause=100, clock=clock)
    for _ in range(8):
        breaker.failed()
    clock.seconds += 1.1
    assert breaker.trust() is Trust.UNKNOWN


def test_success_forgets_the_failures() -> None:
    clock = Clock()
    breaker = Breaker(pause_seconds=1, longest_pause=100, clock=clock)
    breaker.failed()
    clock.seconds += 2
    breaker.failed()
    breaker.succeeded()
    assert breaker.trust() is Trust.GOOD
    breaker.failed()
    clock.seconds += 1.1
    assert breaker.trust() is Trust.UNKNOWN
