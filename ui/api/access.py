"""Who may what: keys, roles and rates, looked at before a byte of a request's body is read.

Where no key was ever made, the API answers this machine only: the caller's address and the name that it calls us by
must be those of loopback, and nothing may have forwarded the request. A page of another origin is not let in either
way: a browser sends what a person has typed once (Basic), and reaches loopback, for any page that asks it to.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi.routing import APIRoute

from ui.api.problems import ProblemError
from ui.api.rates import RateLimit, counted_address
from ui.exposure import is_loopback
from ui.keys import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from ui.keys import Key, Keys

#: Wrong keys that one address may try.
_WRONG_KEYS = "20/minute"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_CHANGING = frozenset(("POST", "PUT", "PATCH", "DELETE"))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the name of the key, empty without one, and the address."""

    name: str
    role: Role
    address: str


class Access:
    """Lets callers in, or says why not."""

    def __init__(self, keys: Keys, *, rate_per_address: str, rate_per_key: str, origins: Collection[str] = ()) -> None:
        self._keys, self._origins = keys, frozenset(origins)
        self._addresses, self._used, self._wrong = map(RateLimit, (rate_per_address, rate_per_key, _WRONG_KEYS))

    def admit(self, request: Request, role: Role) -> Caller:
        """Return who sends a request that needs a role.

        Raises:
            ProblemError: 401 without a usable key, 403 where its role or the place is not enough, 429 too often.
            RecordsError: the keys cannot be read.
        """
        address = request.client.host if request.client else "unknown"
        counted = counted_address(address)
        _refuse_haste(self._addresses.hit(counted), "this address", self._addresses.rate)
        self._require_own_page(request)
        if not self._keys.are_configured():
            _require_here(request, address)
            return Caller("", Role.ADMIN, address)
        key = self._key(request, counted)
        _refuse_haste(self._used.hit(key.id), "this key", self._used.rate)
        if not key.role.includes(role):
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                f"the key {key.name!r} has the role {key.role}; wanted {role}; ask for a key with that role "
                f"(district-qa keys add NAME --role {role})",
            )
        return Caller(key.name, key.role, address)

    def _key(self, request: Request, counted: str) -> Key:
        _refuse_haste(self._wrong.is_spent(counted), "this address with wrong keys", self._wrong.rate)
        token = _token(request)
        if token is None:
            raise _unauthorized(request, "this needs a key; send it as 'Authorization: Bearer KEY'")
        key = self._keys.find(token)
        if key is None:
            self._wrong.hit(counted)
            raise _unauthorized(
                request,
                "the key sent is unknown, expired or revoked; have one made with district-qa keys add NAME",
            )
        return key

    def _require_own_page(self, request: Request) -> None:
        origin = request.headers.get("origin")
        if origin is None or request.method not in _CHANGING or origin in self._origins:
            return
        if urlsplit(origin).netloc != request.headers.get("host"):
            raise ProblemError(
                HTTPStatus.FORBIDDEN,
                f"a page of {origin[:200]!a} sent this; pages of other origins are let in by the setting cors_origins "
                "only",
            )


def guarded(access: Access, role: Role) -> type[APIRoute]:
    """Return a kind of route that lets in only who has a role; `request.state.caller` is who that is."""

    class GuardedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            serve = super().get_route_handler()

            async def admit_and_serve(request: Request) -> Response:
                request.state.caller = access.admit(request, role)
                return await serve(request)

            return admit_and_serve

    return GuardedRoute


def _require_here(request: Request, address: str) -> None:
    """Refuse what does not come from this machine, or was forwarded to it, or called it by another name."""
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    forwarded = any(header in request.headers for header in _FORWARDED)
    if not is_loopback(address) or not is_loopback(name) or forwarded:
        raise ProblemError(
            HTTPStatus.FORBIDDEN,
            "no key is configured, so the API answers requests of this machine only, by its own address; to use it "
            "from elsewhere, or through a proxy, make a key: district-qa keys add NAME --role ask",
        )


def _token(request: Request) -> str | None:
    """Return the key that a request brings: as a bearer, or as the password of what a browser asks a person for."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip() or None
        case "basic":
            try:
                return base64.b64decode(value, validate=True).decode().partition(":")[2] or None
            except (binascii.Error, UnicodeDecodeError):
                return None
    return None


def _unauthorized(request: Request, detail: str) -> ProblemError:
    # A browser that opens the interactive documentation can ask a person for the key: as the password, any name.
    is_page = "text/html" in request.headers.get("accept", "")
    challenge = 'Basic realm="district-qa: any name, key as password", charset="UTF-8"' if is_page else "Bearer"
    return ProblemError(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": challenge})


def _refuse_haste(seconds: int | None, who: str, rate: str) -> None:
    if seconds is not None:
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{who} may send {rate}; come back in {seconds} seconds",
            {"Retry-After": str(seconds)},
        )
