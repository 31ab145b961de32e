"""The XML parts of an Office document, judged before a library expands them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from corpus.decode import SourceError
from corpus.readers.guard import refusing_damage

if TYPE_CHECKING:
    from pathlib import Path

_XML = (".xml", ".rels", ".vml")


def refuse_entities(data: bytes, path: Path, wanted: str) -> None:
    """Refuse a package that declares document types or entities; Office never writes any.

    Only the beginning of each part is parsed: a declaration must stand before the first element.

    Raises:
        SourceError: such a declaration, or a part that is not XML.
    """
    with refusing_damage(path, wanted), zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if not name.lower().endswith(_XML):
                continue
            try:
                with package.open(name) as part:
                    next(iter(iterparse(part, events=("start",), forbid_dtd=True)))
            except DefusedXmlException as error:
                raise SourceError(
                    path,
                    None,
                    f"its part {name} declares a document type or entities, which no {wanted} needs and which can "
                    "read other files; open it in its own program and save it again",
                ) from error
