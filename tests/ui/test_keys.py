from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from ui.cli import app
from ui.keys import ApiKeyError, Keys, Role

if TYPE_CHECKING:
    from pathlib import Path

    from ui.postgres import PostgresServer


@pytest.fixture
def keys(tmp_path: Path, server: PostgresServer | None) -> Keys:
    return Keys(tmp_path / "keys.db", server=server)


def test_a_key_is_found_until_its_last_day_and_never_after(tmp_path: Path, server: PostgresServer | None) -> None:
    now = datetime(2032, 5, 1, 12, tzinfo=UTC)
    keys = Keys(tmp_path / "keys.db", lambda: now, server)
    token = keys.add("guest", Role.ASK, date(2032, 5, 2))
    assert keys.find(token) is not None
    now += timedelta(days=1)
    assert keys.find(token) is not None
    now += timedelta(days=1)
    assert keys.find(token) is None


def test_the_last_use_is_written_at_most_once_a_minute(tmp_path: Path, server: PostgresServer | None) -> None:
    now = begun = datetime(2032, 5, 1, 12, tzinfo=UTC)
    keys = Keys(tmp_path / "keys.db", lambda: now, server)
    token = keys.add("desk", Role.ASK)
    used = []
    for seconds in (0, 59, 60):
        now = begun + timedelta(seconds=seconds)
        keys.find(token)
        used.append(keys.all()[0].last_used)
    assert used == [begun, begun, begun + timedelta(seconds=60)]


def test_a_key_opens_also_while_another_process_writes(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.db")
    token = keys.add("desk", Role.ASK)
    with closing(sqlite3.connect(tmp_path / "keys.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        assert keys.find(token) is not None
        other.execute("rollback")


def test_the_clock_set_back_opens_no_more_than_the_day_allows(tmp_path: Path) -> None:
    now = datetime(2032, 5, 1, tzinfo=UTC)
    keys = Keys(tmp_path / "keys.db", lambda: now)
    token = keys.add("desk", Role.ASK)
    keys.find(token)
    now -= timedelta(days=1000)
    assert keys.find(token) is not None
    keys.revoke("desk")
    assert keys.find(token) is None


@pytest.mark.parametrize(
    ("name", "expires", "said"),
    [
        ("", None, "characters"),
        ("x" * 81, None, "81"),
        ("a\nb", None, "printable"),
        ("old", date(2001, 1, 1), "passed"),
    ],
)
def test_a_key_that_cannot_be_is_refused(name: str, expires: date | None, said: str, keys: Keys) -> None:
    with pytest.raises(ApiKeyError, match=said):
        keys.add(name, Role.ASK, expires)
    assert keys.all() == []


def test_a_name_is_given_once_and_a_key_is_revoked_once(keys: Keys) -> None:
    keys.add("desk", Role.ASK)
    with pytest.raises(ApiKeyError, match="already"):
        keys.add("desk", Role.EDIT)
    keys.revoke(keys.all()[0].id)
    with pytest.raises(ApiKeyError, match="already"):
        keys.revoke("desk")
    with pytest.raises(ApiKeyError, match="known are desk"):
        keys.revoke("none")


def test_roles_include_those_before_them() -> None:
    assert [[role.includes(other) for other in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_the_command_line_makes_lists_and_revokes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(tmp_path))

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["keys", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    token = run("add", "desk", "--role", "edit", "--expires", "2999-12-31").strip()
    found = Keys(tmp_path / "keys.db").find(token)
    assert found is not None
    assert (found.name, found.role, found.expires) == ("desk", Role.EDIT, date(2999, 12, 31))
    listed = run("list")
    assert "desk  edit  until 2999-12-31" in listed
    assert token not in listed
    (told,) = json.loads(run("list", "--json"))
    assert (told["name"], told["revoked"]) == ("desk", None)
    run("revoke", "desk")
    assert "revoked" in run("list")
    assert Keys(tmp_path / "keys.db").find(token) is None
