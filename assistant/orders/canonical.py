"""JSON in one canonical form, so that equal values have equal digests (RFC 8785).

Only text, integers, booleans, null, lists and objects occur; for those sorted keys, no spaces and
plain Unicode are the RFC's form.
"""

import json
from collections.abc import Mapping


def canonical_json(value: Mapping[str, object]) -> bytes:
    """Return the canonical UTF-8 text of an object."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()
