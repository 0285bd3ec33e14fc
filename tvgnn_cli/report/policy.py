"""The policy by which a page fetches nothing and runs nothing but what it came with."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence


def policy_of(styles: Iterable[str], scripts: Sequence[str]) -> str:
    """A content security policy that allows these style sheets and scripts, told by their hashes,
    and pictures that stand in the page; nothing from elsewhere, no form, no other base.

    Source: Content Security Policy Level 3, W3C.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {' '.join(map(_hash, styles))}",
            f"script-src {' '.join(map(_hash, scripts)) or QUOTED_NONE}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


QUOTED_NONE = "'none'"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def check_enclosed(text: str, element: str) -> str:
    """The same text, which ends its element nowhere.

    Raises:
        ValueError: it does, or it opens a comment.
    """
    lower = text.lower()
    if f"</{element}" in lower or "<!--" in lower:
        raise ValueError(f"a text that ends the element {element} which it stands in")
    return text
