"""Exit statuses: 0 answered, 1 regressed or rejected, 2 bad usage, 3 no answer possible."""

from assistant.errors import AssistantError, BadInput, ToolError

ANSWERED = 0
REGRESSED = 1
BAD_USAGE = 2
NO_ANSWER = 3


def exit_status(error: AssistantError) -> int:
    """Return the status that a command ends with for an error."""
    return BAD_USAGE if isinstance(error, BadInput | ToolError) else NO_ANSWER
