"""Which action answers which intent."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from assistant.dialogue.actions import cart, find, history, orders, recommend, service
from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.context import Context
from assistant.dialogue.events import ToolEvent
from assistant.dialogue.outcome import Outcome
from assistant.dialogue.requests import Intent, Request

Action = Callable[[Scope, Request, Context], Outcome]

ACTIONS: Mapping[Intent, Action] = MappingProxyType(
    {
        Intent.FIND: find.find,
        Intent.REFINE: find.refine,
        Intent.SHOPPING_LIST: find.shopping_list,
        Intent.DETAILS: find.details,
        Intent.CART_ADD: cart.add,
        Intent.CART_REMOVE: cart.remove,
        Intent.CART_SET: cart.set_quantity,
        Intent.CART_SHOW: cart.show,
        Intent.CART_CLEAR: cart.clear,
        Intent.CART_PAIRS: recommend.pairs,
        Intent.RECOMMEND: recommend.recommend,
        Intent.DISCOVER: recommend.discover,
        Intent.USUAL: recommend.usual,
        Intent.LAST_BOUGHT: history.last_bought,
        Intent.PAID: history.paid,
        Intent.PROMOTIONS: recommend.promotions,
        Intent.ORDERS: history.list_orders,
        Intent.ORDER_STATUS: history.order_status,
        Intent.ORDER_CHANGE: orders.change,
        Intent.POLICY: service.policy,
        Intent.HUMAN: service.human,
        Intent.CONFIRM: orders.confirm,
        Intent.DECLINE: orders.decline,
        Intent.SMALL_TALK: service.small_talk,
        Intent.OUT_OF_SCOPE: service.out_of_scope,
        Intent.UNSAFE: service.unsafe,
        Intent.UNCLEAR: service.unclear,
    }
)


def act(scope: Scope, request: Request, context: Context) -> Outcome:
    """Run the tools that answer one request."""
    outcome = ACTIONS[request.intent](scope, request, context)
    if request.intent is Intent.PAID and request.slots.reference and _failed(outcome):
        # "How much was the first one?" asks for a price on the page, unless it was bought before.
        return find.details(scope, request, context)
    return outcome


def _failed(outcome: Outcome) -> bool:
    return any(isinstance(event, ToolEvent) and not event.ok for event in outcome.events)
