"""Original files in S3-compatible storage: one object each, named after its content. Home of boto3.

An object appears whole or not at all, and is never changed. Address, region and credentials of the storage are read as
every program of its kind does: from `AWS_ENDPOINT_URL_S3`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and the like.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from corpus.holdings import OriginalsError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACE = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[^?#]*))?")
#: Seconds to wait for a connection and for its next bytes; each call is tried three times.
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"})
_MISSING = ("NoSuchKey", "404")


class ObjectStore:
    """The original files below one address `s3://BUCKET/PREFIX`; safe for several threads and machines."""

    def __init__(self, url: str) -> None:
        """Use what is below `url`; the storage is asked nothing before it is needed.

        Raises:
            OriginalsError: `url` is no such address.
        """
        place = _PLACE.fullmatch(url)
        if place is None:
            raise OriginalsError(f"the setting originals_url is {url!r}; wanted s3://BUCKET/PREFIX, or nothing")
        self._url, self._bucket = url, place["bucket"]
        self._prefix = f"{place['prefix'].strip('/')}/" if place["prefix"] else ""

    def keep(self, file_hash: str, content: bytes) -> None:
        """Keep a file; the same one again changes nothing.

        Raises:
            OriginalsError: the storage does not take it.
        """
        with self._told("keep"):
            self._client.put_object(Bucket=self._bucket, Key=self._key(file_hash), Body=content)

    def open(self, file_hash: str) -> IO[bytes]:
        """Open a file for reading.

        Raises:
            FileNotFoundError: it is not there.
            OriginalsError: the storage does not give it.
        """
        with self._told("read"):
            found = self._client.get_object(Bucket=self._bucket, Key=self._key(file_hash))
        return cast("IO[bytes]", found["Body"])

    def remove(self, file_hash: str) -> None:
        """Remove a file; where it is gone already, that is well.

        Raises:
            OriginalsError: the storage does not do it.
        """
        with self._told("remove"):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(file_hash))

    def _key(self, file_hash: str) -> str:
        return f"{self._prefix}{file_hash}"

    @cached_property
    def _client(self) -> Any:
        return boto3.session.Session().client("s3", config=_CONFIG)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            if code in _MISSING:
                raise FileNotFoundError(f"the original file is not in {self._url}; restore it from a backup") from error
            raise OriginalsError(
                f"the storage {self._url} did not {what} an original file ({error}); see that it runs, and "
                "originals_url, AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from error
