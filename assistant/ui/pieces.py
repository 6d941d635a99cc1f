"""What the pages share: their files, a component of our own markup, what a page sends."""

from pathlib import Path

import gradio as gr

STATIC = Path(__file__).parent / "static"


def html_piece(name: str, value: object, template: str) -> gr.HTML:
    """Build a component from a template and the script `static/<name>.js`."""
    script = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    return gr.HTML(
        value,
        html_template=template.strip(),
        js_on_load=script,
        apply_default_css=False,
        elem_id=name.replace("_", "-"),
    )


def given(event: gr.EventData, name: str) -> str:
    """Read one field of what the page sent; anything but text counts as not given."""
    value = getattr(event, name, "")
    return value if isinstance(value, str) else ""
