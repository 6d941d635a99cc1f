"""The shop's policy, word for word, by section."""

import re
from pathlib import Path

import frontmatter
import numpy as np

from assistant.errors import ConfigurationError
from assistant.retrieval.embedder import Embedder
from assistant.tools.results import PolicySection

_HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)


class Policy:
    """One policy file; sections are found by the meaning of a question."""

    def __init__(self, sections: tuple[PolicySection, ...], embedder: Embedder) -> None:
        self._sections = sections
        self._embedder = embedder
        self._titles = embedder.encode([section.title for section in sections])
        self._texts = embedder.encode([section.text for section in sections])

    def section(self, title: str) -> PolicySection | None:
        """Return the section under a heading; None where there is none."""
        return next((section for section in self._sections if section.title == title), None)

    def search(self, question: str, limit: int = 1) -> tuple[PolicySection, ...]:
        """Return the sections nearest to a question, best first, with their cosine score."""
        query = self._embedder.encode([question])[0]
        scores = np.maximum(self._titles @ query, self._texts @ query)
        best = np.argsort(-scores, kind="stable")[:limit]
        return tuple(
            PolicySection(
                self._sections[index].title, self._sections[index].text, float(scores[index])
            )
            for index in best
        )


def read_policy(path: Path) -> tuple[PolicySection, ...]:
    """Read a policy file's sections; raises ConfigurationError when there are none."""
    try:
        body = frontmatter.loads(path.read_text(encoding="utf-8")).content
    except OSError as error:
        raise ConfigurationError(
            f"no policy at {path.name}; restore it in prompts/policies"
        ) from error
    parts = _HEADING.split(body)[1:]
    sections = tuple(
        PolicySection(title.strip(), " ".join(text.split()), 0.0)
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    )
    if not sections:
        raise ConfigurationError(f"{path.name} has no `## ` sections; write at least one")
    return sections
