"""The desk's door over HTTP."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from assistant.catalog.database import Database
from assistant.desk.agents import Agents
from assistant.ui.desk_app import add_door
from assistant.ui.render import Renderer
from assistant.ui.security import DESK_COOKIE
from tests.assistant.catalog.conftest import a_store

PASSWORD = "correct horse battery"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    database.create_all()
    agents = Agents(database, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    agents.add("Ann", PASSWORD)
    app = FastAPI()
    add_door(app, "/desk", agents, Renderer(a_store()))
    app.add_api_route("/desk/", lambda: PlainTextResponse("the desk"))
    yield TestClient(app, follow_redirects=False)
    database.dispose()


def sign_in(client: TestClient, name: str = "Ann", password: str = PASSWORD, **headers: str) -> Any:
    return client.post("/desk/sign-in", data={"name": name, "password": password}, headers=headers)


@pytest.mark.parametrize(("path", "goal"), [("/desk", "desk/sign-in"), ("/desk/", "sign-in")])
def test_who_is_not_signed_in_is_sent_to_the_sign_in(
    client: TestClient, path: str, goal: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, goal)
    client.cookies.set(DESK_COOKIE, "a" * 43)
    assert client.get(path).status_code == 303


def test_the_right_password_opens_the_desk_until_the_sign_out(client: TestClient) -> None:
    entered = sign_in(client)
    assert (entered.status_code, entered.headers["location"]) == (303, ".")
    cookie = entered.headers["set-cookie"]
    assert re.match(rf"{DESK_COOKIE}=[A-Za-z0-9_-]{{43}};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get("/desk/").text == "the desk"
    assert client.get("/desk").headers["location"] == "desk/"
    token = client.cookies[DESK_COOKIE]
    assert client.post("/desk/sign-out").status_code == 303
    client.cookies.set(DESK_COOKIE, token)
    assert client.get("/desk/").status_code == 303


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client: TestClient) -> None:
    answers = [sign_in(client, name, "wrong password") for name in ("Ann", "Nobody")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].text.replace("Ann", "Nobody") == answers[1].text
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert all("wrong password" not in answer.text for answer in answers)


def test_guessing_is_stopped_whether_or_not_the_account_exists(client: TestClient) -> None:
    for name in ("Ann", "Nobody"):
        codes = [sign_in(client, name, "wrong password").status_code for _ in range(6)]
        assert codes == [401] * 5 + [429]
    assert sign_in(client).status_code == 429


def test_a_form_on_another_site_cannot_sign_anyone_in_or_out(client: TestClient) -> None:
    assert sign_in(client, origin="https://elsewhere.example").status_code == 403
    assert sign_in(client, origin="http://testserver").status_code == 303
    token = client.cookies[DESK_COOKIE]
    client.post("/desk/sign-out", headers={"origin": "https://elsewhere.example"})
    client.cookies.set(DESK_COOKIE, token)
    assert client.get("/desk/").text == "the desk"


def test_an_endless_form_is_not_read(client: TestClient) -> None:
    assert sign_in(client, password="a" * 5000).status_code == 413
