"""How the rules move money: who is paid back what, and when it arrives."""

from assistant.catalog.customers import EntryKind, PaymentMethod
from assistant.errors import InvalidArguments
from assistant.orders.effects import MoneyEffect
from assistant.orders.policy import RefundTiming
from assistant.orders.records import OrderRecord, Situation


def payment(amount: int, method: PaymentMethod, *, booked: bool = True) -> MoneyEffect:
    """Return the effect of paying an amount."""
    return MoneyEffect(
        kind=EntryKind.PAYMENT,
        amount=amount,
        payment_method_id=method.id,
        method=method.text,
        timing="at once" if booked else "when the items are back",
        booked=booked,
    )


def refund(
    amount: int, method: PaymentMethod, timing: RefundTiming, *, booked: bool = True
) -> MoneyEffect:
    """Return the effect of paying an amount back."""
    when = timing.of(method.kind)
    return MoneyEffect(
        kind=EntryKind.REFUND,
        amount=amount,
        payment_method_id=method.id,
        method=method.text,
        timing=when if booked else f"{when} after the items are back",
        booked=booked,
    )


def settlement(
    difference: int, method: PaymentMethod, timing: RefundTiming, *, booked: bool = True
) -> MoneyEffect:
    """Return how a price difference is settled: every change has one entry, of zero if equal."""
    if difference > 0:
        return payment(difference, method, booked=booked)
    return refund(-difference, method, timing, booked=booked)


def refunds_of_everything(
    order: OrderRecord, situation: Situation, timing: RefundTiming
) -> tuple[MoneyEffect, ...]:
    """Return refunds of all that is paid, each method's own share first payer first.

    Raises InvalidArguments where a payer is no longer among the customer's payment methods.
    """
    paid = order.paid_by_method()
    left = sum(paid.values())
    refunds = []
    for payment_method_id, net in paid.items():
        amount = min(net, left)
        if amount > 0:
            method = _payer(situation, payment_method_id)
            refunds.append(refund(amount, method, timing))
            left -= amount
    return tuple(refunds)


def repayment(
    order: OrderRecord, method: PaymentMethod, situation: Situation, timing: RefundTiming
) -> tuple[MoneyEffect, MoneyEffect]:
    """Return the entries of paying an order another way: the new payment, the old one's refund.

    Raises InvalidArguments unless a single payment by another method stands so far.
    """
    if len(order.ledger) != 1 or order.ledger[0].kind is not EntryKind.PAYMENT:
        raise InvalidArguments(
            f"The payment of order {order.id} was changed before and stays as it is;"
            " a person at the shop can help."
        )
    paid = order.ledger[0]
    if paid.payment_method_id == method.id:
        raise InvalidArguments(
            f"Order {order.id} is paid by that already; choose another way to pay."
        )
    old = _payer(situation, paid.payment_method_id)
    return payment(paid.amount, method), refund(paid.amount, old, timing)


def _payer(situation: Situation, payment_method_id: str) -> PaymentMethod:
    method = situation.method(payment_method_id)
    if method is None:
        raise InvalidArguments(
            f"It was paid by {payment_method_id}, which is no longer among your payment methods;"
            " a person at the shop can help."
        )
    return method
