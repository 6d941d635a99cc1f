import pytest
from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.desk.agents import Agents, new_password
from assistant.desk.schema import agent_sessions
from assistant.desk.schema import agents as accounts
from assistant.errors import BadInput, SignInRefused, TooManyAttempts
from tests.assistant.desk.conftest import PASSWORD, QUICK, Clock


def test_an_agent_signs_in_and_out(agents: Agents) -> None:
    token = agents.sign_in("Ann", PASSWORD, "here")
    assert agents.signed_in(token) == "Ann"
    agents.sign_out(token)
    assert agents.signed_in(token) is None
    assert agents.signed_in("no such token") is None
    assert agents.signed_in(None) is None


def test_a_shift_ends_after_twelve_hours(agents: Agents, clock: Clock) -> None:
    token = agents.sign_in("Ann", PASSWORD, "here")
    clock.pass_by(hours=11, minutes=59)
    assert agents.signed_in(token) == "Ann"
    clock.pass_by(minutes=1)
    assert agents.signed_in(token) is None


def test_a_wrong_password_and_an_unknown_name_read_the_same(agents: Agents) -> None:
    said = set()
    for name, password in (("Ann", "wrong password"), ("Nobody", PASSWORD), ("", "")):
        with pytest.raises(SignInRefused) as refused:
            agents.sign_in(name, password, "here")
        said.add(str(refused.value))
    assert len(said) == 1


def test_an_unknown_names_password_is_hashed_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Agents(database, hasher=QUICK)
    made.add("Ann", PASSWORD)
    verified: list[str] = []

    def refuse(_self: Agents, stored: str, _password: str) -> bool:
        verified.append(stored)
        return False

    monkeypatch.setattr(Agents, "_fits", refuse)
    for name in ("Ann", "Nobody"):
        with pytest.raises(SignInRefused):
            made.sign_in(name, "wrong password", "here")
    assert len(verified) == 2
    assert all(stored.startswith("$argon2id$") for stored in verified)


@pytest.mark.parametrize("name", ["Ann", "Nobody"])
def test_the_sixth_attempt_in_a_quarter_of_an_hour_is_refused(agents: Agents, name: str) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused):
            agents.sign_in(name, "wrong password", "here")
    # The right password does not help, and case or spaces do not begin a new count.
    for spelled in (name, f" {name.upper()}"):
        with pytest.raises(TooManyAttempts, match="quarter of an hour"):
            agents.sign_in(spelled, PASSWORD, "elsewhere")
    assert agents.signed_in(agents.sign_in("Bob", PASSWORD, "here")) == "Bob"


def test_one_address_cannot_try_many_names(agents: Agents) -> None:
    for number in range(20):
        with pytest.raises(SignInRefused):
            agents.sign_in(f"name {number}", "wrong password", "here")
    with pytest.raises(TooManyAttempts):
        agents.sign_in("Ann", PASSWORD, "here")
    assert agents.sign_in("Ann", PASSWORD, "elsewhere")


def test_neither_passwords_nor_tokens_are_in_the_database(
    agents: Agents, database: Database
) -> None:
    token = agents.sign_in("Ann", PASSWORD, "here")
    with database.read() as connection:
        stored = [
            *connection.execute(select(accounts)),
            *connection.execute(select(agent_sessions)),
        ]
    assert all(PASSWORD not in str(row) and token not in str(row) for row in stored)


def test_an_account_is_made_once_and_removed_with_its_sessions(agents: Agents) -> None:
    with pytest.raises(BadInput, match="There is an agent 'Ann'"):
        agents.add("Ann", "another password")
    token = agents.sign_in("Ann", PASSWORD, "here")
    agents.remove("Ann")
    assert agents.names() == ("Bob",)
    assert agents.signed_in(token) is None
    with pytest.raises(BadInput, match="no agent 'Ann'"):
        agents.remove("Ann")


@pytest.mark.parametrize("name", ["", "shopper", "<b>Ann</b>", "a" * 41, " Ann", "Ann\n"])
def test_a_name_that_could_mislead_is_refused(agents: Agents, name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        agents.add(name, PASSWORD)


def test_a_short_password_is_refused(agents: Agents) -> None:
    with pytest.raises(BadInput, match="10 to 256"):
        agents.add("Cleo", "too short")


def test_generated_passwords_differ_and_are_long_enough(agents: Agents) -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    agents.add("Cleo", made.pop())


def test_someone_is_on_duty_while_a_desk_is_open(agents: Agents, clock: Clock) -> None:
    assert not agents.on_duty()
    token = agents.sign_in("Ann", PASSWORD, "here")
    assert agents.on_duty()
    clock.pass_by(minutes=2)
    assert not agents.on_duty()
    agents.seen(token)
    assert agents.on_duty()
    agents.sign_out(token)
    assert not agents.on_duty()
