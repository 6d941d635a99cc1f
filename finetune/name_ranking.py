"""Ranks a closed list of names by the frozen model's log-probability under a learned prefix.

No text is generated: one pass reads the prompt, a second one scores the shortlisted names packed
into a tree, so a household costs two short passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase

from finetune.likelihood import prefix_cache

OPENING = '["'
SHORTLIST = 40


@dataclass(slots=True)
class _Node:
    """One token of the tree of names; `parent` is -1 below the prompt."""

    token: int
    parent: int
    depth: int


@dataclass(frozen=True, slots=True)
class _Tree:
    """Names as paths: `paths[name]` holds the places of a name's tokens among `nodes`."""

    nodes: list[_Node] = field(default_factory=list)
    paths: dict[str, list[int]] = field(default_factory=dict)


class NameRanker:
    """Scores names as first in a JSON list; `prefix` is [layers, 2, n, kv heads, head size]."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        names: Sequence[str],
        prefix: torch.Tensor | None = None,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._prefix = prefix
        self._tokens = {name: _ids(tokenizer, f" {name.lower()}") for name in names}
        self._share = _shares(names, self._tokens)
        vocabulary = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        closing = [at for at, text in enumerate(vocabulary) if str(text).startswith('"')]
        self._closing = torch.tensor(closing)

    @torch.inference_mode()
    def scores(
        self, prompt_ids: Sequence[int], allowed: Sequence[str], always: Sequence[str] = ()
    ) -> dict[str, float]:
        """Return log-probabilities of the likeliest allowed names, and of those in `always`.

        The likeliest by first token, shared out by how often names are sold, are scored exactly.
        """
        ids = [*prompt_ids, *_ids(self._tokenizer, OPENING)]
        cache, offset = prefix_cache(self._model, self._prefix)
        places = torch.arange(offset, offset + len(ids), device=self._model.device)[None]
        first = self._model(
            input_ids=torch.tensor([ids], device=self._model.device),
            past_key_values=cache,
            position_ids=places,
        ).logits[0, -1]
        start = torch.log_softmax(first.float().cpu(), -1)
        hopeful = sorted(
            allowed, key=lambda n: -(float(start[self._tokens[n][0]]) + self._share[n])
        )[:SHORTLIST]
        names = list(dict.fromkeys([*hopeful, *(n for n in always if n in self._tokens)]))
        return self._packed(names, start, cache, offset + len(ids)) if names else {}

    def _packed(
        self, names: Sequence[str], start: torch.Tensor, cache: DynamicCache, past: int
    ) -> dict[str, float]:
        tree = _tree({name: self._tokens[name] for name in names})
        device = self._model.device
        tokens = torch.tensor([[node.token for node in tree.nodes]], device=device)
        places = torch.tensor([[past + node.depth for node in tree.nodes]], device=device)
        logits = self._model(
            input_ids=tokens,
            past_key_values=cache,
            position_ids=places,
            attention_mask=_tree_mask(tree.nodes, past, self._model.dtype).to(device),
        ).logits[0]
        after = torch.log_softmax(logits.float().cpu(), -1)
        closed = torch.logsumexp(after[:, self._closing], -1)
        scores: dict[str, float] = {}
        for name, path in tree.paths.items():
            said = float(start[tree.nodes[path[0]].token])
            for at, following in pairwise(path):
                said += float(after[at, tree.nodes[following].token])
            scores[name] = said + float(closed[path[-1]])
        return scores


def _ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    ids: Any = tokenizer(text, add_special_tokens=False)["input_ids"]
    return [int(token) for token in ids]


def _shares(names: Sequence[str], tokens: Mapping[str, list[int]]) -> dict[str, float]:
    """Return each name's log share of its first token, if names are sold by 1/rank."""
    weights = {name: 1.0 / (rank + 10) for rank, name in enumerate(names)}
    totals: dict[int, float] = {}
    for name, ids in tokens.items():
        totals[ids[0]] = totals.get(ids[0], 0.0) + weights[name]
    shares = torch.tensor([weights[name] / totals[tokens[name][0]] for name in names]).log()
    return dict(zip(names, shares.tolist(), strict=True))


def _tree(tokens: Mapping[str, list[int]]) -> _Tree:
    tree = _Tree()
    known: dict[tuple[int, ...], int] = {}
    for name, ids in tokens.items():
        parent, path = -1, []
        for depth in range(len(ids)):
            key = tuple(ids[: depth + 1])
            if key not in known:
                known[key] = len(tree.nodes)
                tree.nodes.append(_Node(ids[depth], parent, depth))
            parent = known[key]
            path.append(parent)
        tree.paths[name] = path
    return tree


def _tree_mask(nodes: Sequence[_Node], past: int, dtype: torch.dtype) -> torch.Tensor:
    """Let each token see the prompt, its ancestors and itself; [1, 1, nodes, past + nodes]."""
    seen = torch.eye(len(nodes), dtype=torch.bool)
    for at, node in enumerate(nodes):
        if node.parent >= 0:
            seen[at] |= seen[node.parent]
    mask = torch.full((len(nodes), past + len(nodes)), torch.finfo(dtype).min, dtype=dtype)
    mask[:, :past] = 0
    mask[:, past:][seen] = 0
    return mask[None, None]
