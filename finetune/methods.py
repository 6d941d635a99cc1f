"""The model with the parameters that a method trains, all others frozen."""

import logging
from collections.abc import Iterator

import torch
from peft import (
    AdaLoraConfig,
    LoraConfig,
    PeftConfig,
    PeftModel,
    PrefixTuningConfig,
    PromptEncoderConfig,
    PromptTuningConfig,
    TaskType,
    get_peft_model,
)
from peft.tuners.cartridge.utils import initialize_kv_prefix_from_text
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from assistant.errors import ConfigurationError
from finetune.config import MethodConfig

_RANDOM_STD = 0.02


def trainable(
    base: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    method: MethodConfig,
    *,
    steps: int,
    seed: int,
) -> torch.nn.Module:
    """Wrap or unfreeze a base model; what is trained is in float32, the rest stays as it is.

    `steps` is how long AdaLoRA's rank schedule runs. Prefixes start from the keys and values of a
    text, which beats random ones by far in PEFT's own comparison.
    """
    torch.manual_seed(seed)
    for parameter in base.parameters():
        parameter.requires_grad_(False)
    if method.name in {"head_only", "top_layers", "full"}:
        unfrozen: torch.nn.Module = base
        _unfreeze(base, method)
        _in_float32(unfrozen)
        return unfrozen
    # PEFT warns that positions are its own business; the model gets them from the cache.
    logging.getLogger("peft").setLevel(logging.ERROR)
    model: PeftModel = get_peft_model(base, _peft_config(base, tokenizer, method, steps))
    if method.name == "prefix_tuning":
        _initialise_prefix(model, tokenizer, method)
    if method.name == "prompt_tuning" and method.init != "text":
        _fill(model, method)
    wrapped: torch.nn.Module = model
    _in_float32(wrapped)
    return wrapped


def _in_float32(model: torch.nn.Module) -> None:
    """Small steps are lost in half precision."""
    for parameter in learned_parameters(model):
        parameter.data = parameter.data.float()


def _peft_config(
    base: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, method: MethodConfig, steps: int
) -> PeftConfig:
    task, length = TaskType.CAUSAL_LM, method.virtual_tokens
    match method.name:
        case "prefix_tuning":
            return PrefixTuningConfig(task_type=task, num_virtual_tokens=length)
        case "prompt_tuning":
            text = {
                "prompt_tuning_init": "TEXT",
                "prompt_tuning_init_text": _init_text(method),
                "tokenizer_name_or_path": tokenizer.name_or_path,
            }
            start = text if method.init == "text" else {}
            return PromptTuningConfig(task_type=task, num_virtual_tokens=length, **start)
        case "p_tuning":
            return PromptEncoderConfig(
                task_type=task,
                num_virtual_tokens=length,
                encoder_hidden_size=method.hidden,
                encoder_dropout=method.dropout,
            )
        case "lora":
            return LoraConfig(
                task_type=task,
                r=method.rank,
                lora_alpha=2 * method.rank,
                lora_dropout=method.dropout,
                target_modules="all-linear",
            )
        case "adalora":
            return AdaLoraConfig(
                task_type=task,
                init_r=2 * method.rank,
                target_r=method.rank,
                lora_alpha=2 * method.rank,
                lora_dropout=method.dropout,
                target_modules="all-linear",
                total_step=steps,
                tinit=steps // 10,
                tfinal=steps // 3,
            )
    raise ConfigurationError(f"{base.name_or_path}: {method.name} is no PEFT method.")


def _init_text(method: MethodConfig) -> str:
    if not method.init_text.strip():
        raise ConfigurationError(
            "`init: text` needs `init_text`: give the instruction that the prompt replaces."
        )
    return method.init_text


def _initialise_prefix(
    model: PeftModel, tokenizer: PreTrainedTokenizerBase, method: MethodConfig
) -> None:
    if method.init != "text":
        _fill(model, method)
        return
    text = _init_text(method)
    # The text is repeated until it fills the prefix.
    length = len(tokenizer(text).input_ids)
    repeated = " ".join([text] * (1 + method.virtual_tokens // max(1, length)))
    initialize_kv_prefix_from_text(model, tokenizer, text=repeated)


def _fill(model: PeftModel, method: MethodConfig) -> None:
    std = 0.0 if method.init == "zero" else _RANDOM_STD
    for parameter in model.prompt_encoder.parameters():
        torch.nn.init.normal_(parameter, std=std)


def learned_parameters(model: torch.nn.Module) -> Iterator[torch.nn.Parameter]:
    """Yield what is trained."""
    return (parameter for parameter in model.parameters() if parameter.requires_grad)


def load_prefix(model: PeftModel, prefix: torch.Tensor) -> None:
    """Go on from an exported prefix; only prefix tuning can take one up."""
    rows = prefix.permute(2, 0, 1, 3, 4).flatten(1)
    model.prompt_encoder[model.active_adapter].load_prompt_embeddings(rows.float())


def _unfreeze(base: PreTrainedModel, method: MethodConfig) -> None:
    """Unfreeze the output head, the top layers or everything."""
    head = base.get_output_embeddings()
    if method.name == "head_only":
        # A head that shares the embedding's table gets a table of its own.
        head.weight = torch.nn.Parameter(head.weight.detach().clone())
        base.config.tie_word_embeddings = False
    layers = base.base_model.layers
    parts: list[torch.nn.Module] = [head]
    if method.name == "top_layers":
        parts = [*layers[len(layers) - method.layers :], base.base_model.norm]
    if method.name == "full":
        parts = [base]
    for part in parts:
        part.requires_grad_(True)
