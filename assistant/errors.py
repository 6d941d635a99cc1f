"""Every error the assistant raises on purpose; each message names the remedy."""


class AssistantError(Exception):
    """Root of the hierarchy; its text is fit to be shown to a person."""


class ConfigurationError(AssistantError):
    """A setting, file or machine state keeps the system from starting."""


class NotPrepared(ConfigurationError):
    """A store or model has not been prepared yet."""


class CheckpointError(ConfigurationError):
    """A model, adapter, index or classifier on disk is absent, broken or of the wrong shape."""


class AdapterError(CheckpointError):
    """A learned prompt is absent, broken, or made for another model."""


class PromptError(ConfigurationError):
    """A prompt template is absent or lacks a variable."""


class ModelUnavailable(AssistantError):
    """The language model cannot answer now; the plain rendering takes its place."""


class BadInput(AssistantError):
    """What a person typed or passed cannot be used."""


class UnknownStore(BadInput):
    """No prepared store has this name."""


class UnknownShopper(BadInput):
    """The store has no such shopper."""


class ToolError(AssistantError):
    """A tool could not do what a request asked; the turn goes on and says why."""


class NotFound(ToolError):
    """What the request names does not exist for this shopper."""


class InvalidArguments(ToolError):
    """The request lacks something or contradicts itself."""
