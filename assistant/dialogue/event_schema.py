"""The JSON schema of what `--json` prints, derived from the event types and kept in docs/."""

import json
from pathlib import Path

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from assistant.dialogue.events import printed_events

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "events.schema.json"


class _AsPrinted(GenerateJsonSchema):
    """A printed line holds every field, defaults too; only of the scores some may be missing."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        """Tell whether a field is always there."""
        return field["type"] != "typed-dict-field" or super().field_is_required(field, total)


def event_schema() -> str:
    """Return the schema of one printed line as the text of its file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of `python -m assistant ... --json`",
        **printed_events.json_schema(mode="serialization", schema_generator=_AsPrinted),
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.parent.mkdir(exist_ok=True)
    SCHEMA_FILE.write_text(event_schema(), encoding="utf-8")
