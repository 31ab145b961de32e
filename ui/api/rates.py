"""How often one caller may come, counted in memory, for each process by itself."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter


class RateLimit:
    """So many requests in a sliding window for each caller; with an empty rate there is no limit."""

    def __init__(self, rate: str) -> None:
        """Take a rate such as `600/minute`."""
        self.rate = rate
        self._item = parse(rate) if rate else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, who: str) -> int | None:
        """Count a request; return None where it may pass, else after how many seconds to come back."""
        if self._item is None or self._limiter.hit(self._item, who):
            return None
        return self._wait(who)

    def is_spent(self, who: str) -> int | None:
        """Return what `hit` would, without counting."""
        if self._item is None or self._limiter.test(self._item, who):
            return None
        return self._wait(who)

    def _wait(self, who: str) -> int:
        assert self._item is not None
        reset = self._limiter.get_window_stats(self._item, who).reset_time
        return max(1, math.ceil(reset - time.time()))


def counted_address(address: str) -> str:
    """Return what requests from an address are counted by: of IPv6 the network that one customer has whole (/64)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
