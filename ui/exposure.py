"""Whom the service can be reached by, and that it is never open to strangers by mistake."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ui.keys import keys_of

if TYPE_CHECKING:
    from rag.settings import Settings


def is_loopback(address: str) -> bool:
    """Return whether an address, or a name that stands for one, is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


class OpenServiceError(ValueError):
    """The service would be open to everybody who reaches it; the message says what to do."""


def require_keys_elsewhere(settings: Settings) -> str:
    """Refuse to listen to other machines without keys; return what to tell whoever starts the service.

    Raises:
        OpenServiceError: no usable key is there, and the address is not this machine's own.
    """
    keys = keys_of(settings)
    usable = sum(key.is_usable(datetime.now(UTC).date()) for key in keys.all())
    if usable:
        return f"The API wants one of {usable} keys."
    if not is_loopback(settings.host):
        raise OpenServiceError(
            f"host is {settings.host}, which other machines may reach, and there is no usable key; make one: "
            "district-qa keys add NAME --role ask; or listen to this machine only: --host 127.0.0.1"
        )
    if keys.are_configured():
        return "The API answers nobody: every key is revoked or expired; make one with district-qa keys add NAME."
    return "No key is configured: the API answers this machine only."
