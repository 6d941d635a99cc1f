"""A calculator for the benchmark's `calculate` tool: numbers, + - * / and brackets only."""

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from types import MappingProxyType

from assistant.errors import InvalidArguments

_BINARY: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
    }
)


def calculate(expression: str) -> Decimal:
    """Return the value of an arithmetic expression; raises InvalidArguments for anything else."""
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, DecimalException, RecursionError, MemoryError) as error:
        raise InvalidArguments(f"{expression!r} cannot be calculated.") from error


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Decimal(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left), _value(right))
    raise InvalidArguments("Only numbers, + - * / and brackets can be calculated.")
