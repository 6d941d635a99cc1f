"""Inside vLLM: fills the first positions of a request with a learned prompt's keys and values.

A learned prefix is a piece of KV cache, so a KV connector can serve it. This module runs in the
engine's processes, possibly of another image: it imports the standard library, torch, safetensors
and vLLM only.
"""

import hashlib
import json
import logging
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_of
from vllm.distributed.kv_transfer.kv_connector.v1.base import (
    KVConnectorBase_V1,
    KVConnectorMetadata,
    KVConnectorRole,
)
from vllm.distributed.parallel_state import (
    get_tensor_model_parallel_rank,
    get_tensor_model_parallel_world_size,
)

if TYPE_CHECKING:
    from vllm.config import VllmConfig
    from vllm.forward_context import ForwardContext
    from vllm.v1.attention.backend import AttentionMetadata
    from vllm.v1.core.kv_cache_manager import KVCacheBlocks
    from vllm.v1.core.sched.output import SchedulerOutput
    from vllm.v1.kv_cache_interface import KVCacheConfig
    from vllm.v1.request import Request

_log = logging.getLogger(__name__)

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LAYER = re.compile(r"(?:^|\.)(?:layers|h|blocks)\.(\d+)\.")
_KEPT_BYTES = 512_000_000


class UnusablePrefix(Exception):
    """A learned prompt that is absent, or not of the served model's shape."""


@dataclass(frozen=True, slots=True)
class Load:
    """Positions `start` to `end` of the request that holds `blocks` are those of `digest`.

    `digest` None is a request that must fail: no learned prompt belongs to its positions.
    """

    digest: str | None
    blocks: tuple[int, ...]
    start: int
    end: int


@dataclass
class Loads(KVConnectorMetadata):
    """What the workers load before one step."""

    loads: list[Load] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Geometry:
    """The part of a model's shape that a prefix must have; `heads` are all key-value heads."""

    layers: int
    heads: int
    head_dim: int


class PrefixStore:
    """The prefixes below a folder, by digest; the last used stay loaded.

    Files never change under their digest, so nothing loaded can be stale.
    """

    def __init__(
        self, folder: Path, geometry: Geometry, base_digest: str, kept_bytes: int = _KEPT_BYTES
    ) -> None:
        self._kept = kept_bytes
        self._folder = folder
        self._geometry = geometry
        self._base = base_digest
        self._lengths: dict[str, int] = {}
        self._loaded: OrderedDict[str, torch.Tensor] = OrderedDict()

    def length(self, digest: str) -> int:
        """Return how many positions a prefix has; raises UnusablePrefix."""
        if digest not in self._lengths:
            self._lengths[digest] = self._described(digest)
        return self._lengths[digest]

    def prefix(self, digest: str) -> torch.Tensor:
        """Return `[layers, 2, n, heads, head_dim]`; raises UnusablePrefix."""
        if digest in self._loaded:
            self._loaded.move_to_end(digest)
            return self._loaded[digest]
        tensor = self._read(digest)
        self._loaded[digest] = tensor
        while len(self._loaded) > 1 and self._bytes() > self._kept:
            self._loaded.popitem(last=False)
        return tensor

    def _read(self, digest: str) -> torch.Tensor:
        wanted = self._geometry
        shape = (wanted.layers, 2, self.length(digest), wanted.heads, wanted.head_dim)
        try:
            content = (self._folder / digest / "prefix.safetensors").read_bytes()
            tensor: torch.Tensor = tensors_of(content)["prefix"]
        except (OSError, SafetensorError, KeyError) as error:
            raise UnusablePrefix(f"prefix {digest[:12]} cannot be read: {error}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise UnusablePrefix(f"prefix {digest[:12]} is not what its name says")
        if tuple(tensor.shape) != shape:
            raise UnusablePrefix(f"prefix {digest[:12]} is {tuple(tensor.shape)}, not {shape}")
        return tensor

    def _described(self, digest: str) -> int:
        if not _DIGEST.fullmatch(digest):
            raise UnusablePrefix("the cache salt names no learned prompt")
        try:
            card = json.loads((self._folder / digest / "card.json").read_bytes())
            shape = (int(card["layers"]), int(card["kv_heads"]), int(card["head_dim"]))
            length, base = int(card["virtual_tokens"]), str(card["base_digest"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnusablePrefix(f"there is no learned prompt {digest[:12]}") from error
        wanted = self._geometry
        if shape != (wanted.layers, wanted.heads, wanted.head_dim) or base != self._base:
            raise UnusablePrefix(f"learned prompt {digest[:12]} belongs to another model")
        return length

    def _bytes(self) -> int:
        return sum(tensor.nbytes for tensor in self._loaded.values())


def local_heads(total: int, rank: int, ranks: int) -> slice:
    """Return the key-value heads of one of `ranks` tensor-parallel ranks.

    With more ranks than heads vLLM keeps copies of a head, each on neighbouring ranks.
    """
    if ranks <= total:
        each = total // ranks
        return slice(rank * each, (rank + 1) * each)
    head = rank * total // ranks
    return slice(head, head + 1)


def slots(load: Load, block_size: int) -> list[int]:
    """Return where in the paged cache a load's positions lie."""
    return [
        load.blocks[position // block_size] * block_size + position % block_size
        for position in range(load.start, load.end)
    ]


class PrefixConnector(KVConnectorBase_V1):
    """Serves any number of learned prompts beside the bare model, chosen by `cache_salt`."""

    def __init__(
        self, vllm_config: "VllmConfig", role: KVConnectorRole, kv_cache_config: "KVCacheConfig"
    ) -> None:
        super().__init__(vllm_config, role, kv_cache_config)
        groups = kv_cache_config.kv_cache_groups
        if len(groups) != 1:
            raise ValueError("Learned prompts need a model with one kind of attention layers.")
        self._block_size: int = groups[0].kv_cache_spec.block_size
        option = self._kv_transfer_config.get_from_extra_config
        self._token = int(option("reserved_token", -1))
        model = vllm_config.model_config
        # vLLM has replaced the name "auto" by a type when connectors are made.
        assert isinstance(model.dtype, torch.dtype)
        self._dtype = model.dtype
        geometry = Geometry(
            model.get_total_num_hidden_layers(),
            model.get_total_num_kv_heads(),
            model.get_head_size(),
        )
        self._store = PrefixStore(
            Path(option("adapters", "")), geometry, str(option("base_digest", ""))
        )
        self._layers: int = model.get_num_layers(vllm_config.parallel_config)
        self._chosen: dict[str, str | None] = {}
        self._pending: dict[str, Load] = {}
        self._failed: set[int] = set()

    @property
    def requires_kv_delivery(self) -> bool:
        """Nothing is ever handed on."""
        return False

    # The scheduler's side

    def get_num_new_matched_tokens(
        self, request: "Request", num_computed_tokens: int
    ) -> tuple[int | None, bool]:
        """Report the learned positions beyond what the block cache holds as already computed.

        Of a request that must fail everything is reported but the last token, which has to be
        computed: only what counts as computed can fail, and what is beyond the cache is its own.
        """
        learned = self._learned(request)
        if not learned:
            return 0, False
        digest = self._usable(request)
        self._chosen[request.request_id] = digest
        if digest is None:
            request.skip_reading_prefix_cache = False
        return max(0, self._end(request, digest) - num_computed_tokens), False

    def update_state_after_alloc(
        self, request: "Request", blocks: "KVCacheBlocks", num_external_tokens: int
    ) -> None:
        """Note what the workers must write into the request's new blocks."""
        if request.request_id not in self._chosen:
            return
        digest = self._chosen.pop(request.request_id)
        if digest is not None and num_external_tokens <= 0:
            return
        end = self._end(request, digest)
        ids = tuple(blocks.get_block_ids()[0][: -(-end // self._block_size)])
        self._pending[request.request_id] = Load(digest, ids, end - num_external_tokens, end)

    def request_finished(
        self,
        request: "Request",
        block_ids: list[int],  # noqa: ARG002 (vLLM's interface)
    ) -> tuple[bool, dict[str, Any] | None]:
        """Forget a request; its blocks are free at once."""
        self._chosen.pop(request.request_id, None)
        return False, None

    def build_connector_meta(
        self,
        scheduler_output: "SchedulerOutput",  # noqa: ARG002 (vLLM's interface)
    ) -> Loads:
        """Hand the loads of this step to the workers."""
        loads = Loads(list(self._pending.values()))
        self._pending.clear()
        return loads

    def _learned(self, request: "Request") -> int:
        """Count the reserved tokens that a prompt begins with."""
        count = 0
        for token in request.prompt_token_ids or ():
            if token != self._token:
                break
            count += 1
        return count

    def _end(self, request: "Request", digest: str | None) -> int:
        """Return the position before which everything counts as computed."""
        return self._learned(request) if digest is not None else request.num_tokens - 1

    def _usable(self, request: "Request") -> str | None:
        """Return the request's learned prompt; None where it must fail.

        A request that may not read the block cache wants its prompt's log-probabilities: learned
        positions have none.
        """
        digest = request.cache_salt or ""
        try:
            fits = self._store.length(digest) == self._learned(request) < request.num_tokens
            if fits and not request.get_skip_reading_prefix_cache():
                return digest
        except UnusablePrefix as error:
            _log.warning("Request %s is refused: %s.", request.request_id, error)
        return None

    # The workers' side

    def start_load_kv(
        self,
        forward_context: "ForwardContext",
        **kwargs: Any,  # noqa: ARG002 (vLLM's interface)
    ) -> None:
        """Write this step's prefixes into the paged cache before the model runs."""
        loads = self._get_connector_metadata()
        if not isinstance(loads, Loads) or forward_context.attn_metadata is None:
            return
        for load in loads.loads:
            try:
                if load.digest is None:
                    raise UnusablePrefix("no learned prompt was named")
                self._write(load, self._store.prefix(load.digest), forward_context)
            except UnusablePrefix as error:
                _log.warning("A learned prompt could not be loaded: %s.", error)
                # Blocks before the start came from the cache, and others may be using them.
                own = load.blocks[load.start // self._block_size :]
                self._failed.update(own or load.blocks[-1:])

    def _write(self, load: Load, prefix: torch.Tensor, context: "ForwardContext") -> None:
        heads = local_heads(
            prefix.shape[3],
            get_tensor_model_parallel_rank(),
            get_tensor_model_parallel_world_size(),
        )
        part = prefix[:, :, load.start : load.end, heads].to(self._dtype).contiguous()
        where: torch.Tensor | None = None
        filled = 0
        for name, layer in context.no_compile_layers.items():
            found = _LAYER.search(name)
            cache = getattr(layer, "kv_cache", None)
            if found is None or cache is None or not hasattr(layer, "impl"):
                continue
            if where is None:
                where = torch.tensor(slots(load, self._block_size), device=cache.device)
                part = part.to(cache.device)
            key, value = part[int(found[1])].unbind(0)
            layer.impl.do_kv_cache_update(layer, key, value, cache, where)
            filled += 1
        if filled != self._layers:
            raise UnusablePrefix(f"{filled} of the model's {self._layers} layers could be filled")

    def get_block_ids_with_load_errors(self) -> set[int]:
        """Return the blocks of requests that must fail, once."""
        failed, self._failed = self._failed, set()
        return failed

    def wait_for_layer_load(self, layer_name: str) -> None:
        """Everything is loaded before the first layer runs."""

    def save_kv_layer(
        self,
        layer_name: str,
        kv_layer: torch.Tensor,
        attn_metadata: "AttentionMetadata",
        **kwargs: Any,
    ) -> None:
        """Nothing is ever saved."""

    def wait_for_save(self) -> None:
        """Nothing is ever saved."""
