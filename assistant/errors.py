"""Every error the assistant raises on purpose; each message names the remedy."""


class AssistantError(Exception):
    """Root of the hierarchy; its text is fit to be shown to a person."""


class ConfigurationError(AssistantError):
    """A setting, file or machine state keeps the system from starting."""


class DatabaseBusy(ConfigurationError):
    """Another process holds the database; the same may be tried again shortly."""


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


class SignInRefused(BadInput):
    """Name and password do not go together; it does not tell which of them is wrong."""


class HandoffConflict(BadInput):
    """The step does not fit where the hand-off stands: another has it, or it has ended."""


class ToolError(AssistantError):
    """A tool could not do what a request asked; the turn goes on and says why."""


class NotFound(ToolError):
    """What the request names does not exist for this shopper."""


class InvalidArguments(ToolError):
    """The request lacks something or contradicts itself."""


class PolicyForbids(ToolError):
    """The shop's policy does not allow it; `section` is the heading of the text that says so."""

    def __init__(self, message: str, section: str) -> None:
        super().__init__(message)
        self.section = section


class ProposalClosed(ToolError):
    """The proposal can no longer be confirmed: expired, dropped, decided, or out of date."""


class IdempotencyError(ToolError):
    """A confirmation breaks the rules on idempotency keys; `status` is HTTP's for it."""

    status: int = 400


class MissingKey(IdempotencyError):
    """The confirmation has no usable idempotency key."""


class StillRunning(IdempotencyError):
    """Another write holds the database; the same confirmation may be sent again shortly."""

    status = 409


class KeyConflict(IdempotencyError):
    """The idempotency key was used before for another confirmation."""

    status = 422


class TooManyAttempts(ToolError):
    """Someone tried to be recognised as a customer too often."""
