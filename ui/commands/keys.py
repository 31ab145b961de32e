"""API keys: made, listed, revoked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from rag.settings import Settings
from ui.commands.options import AsJson
from ui.commands.output import print_json, say
from ui.keys import Key, Role, keys_of

app = typer.Typer(help="Make, list and revoke the keys of the API.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is, or for which program.")],
    role: Annotated[
        Role, typer.Option(help="ask: questions and reading; edit: also documents; admin: also figures of the service.")
    ],
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it can be used (UTC).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    keys = keys_of(Settings())
    key = keys.add(name, role, expires.date() if expires else None)
    if as_json:
        print_json({"name": name.strip(), "role": role, "expires": expires and str(expires.date()), "key": key})
        return
    say("Keep this key now; it is not shown again. Send it as: Authorization: Bearer KEY")
    typer.echo(key)


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List all keys that were ever made, without the keys themselves."""
    keys = keys_of(Settings()).all()
    if as_json:
        print_json([_as_json(key) for key in keys])
        return
    for key in keys:
        typer.echo(
            f"{key.id}  {key.name}  {key.role}  {_state(key)}; made {key.made:%Y-%m-%d}; "
            f"last used {f'{key.last_used:%Y-%m-%d %H:%M} UTC' if key.last_used else 'never'}"
        )
    if not keys:
        say("No key was ever made: the API answers this machine only.")


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Name or id of the key.")], as_json: AsJson = False) -> None:
    """Take a key out of use for good, from the next request on, also in a service that is running."""
    keys = keys_of(Settings())
    key = keys.revoke(name)
    if as_json:
        print_json({"revoked": key.id, "name": key.name})
        return
    say(f"The key {key.name!r} is revoked")
    if not any(one.is_usable(datetime.now(UTC).date()) for one in keys.all()):
        say("No usable key is left: the API answers nobody until one is made.")


def _state(key: Key) -> str:
    if key.revoked is not None:
        return f"revoked {key.revoked:%Y-%m-%d}"
    if not key.is_usable(datetime.now(UTC).date()):
        return f"expired {key.expires}"
    return f"until {key.expires}" if key.expires else "without end"


def _as_json(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "made": key.made.isoformat(timespec="seconds"),
        "expires": key.expires.isoformat() if key.expires else None,
        "last_used": key.last_used.isoformat(timespec="seconds") if key.last_used else None,
        "revoked": key.revoked.isoformat(timespec="seconds") if key.revoked else None,
    }
