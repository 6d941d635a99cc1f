"""Words that state nothing about products, prices, orders or policy.

The grounding check lets a sentence use these and the words of the facts, nothing else. So a
missing word costs a plain rendering, a wrong one here would let a claim through: no attribute,
state, quantity, rank or time word belongs in the list.
"""

GLUE = frozenset(
    """a an the this that these those it its they them their there here i i'm i've i'd i'll me my we
    we're we've our you you're you'd you'll your yours is are was be been being am do does did done
    have has had having can could may might will would shall should let let's please thank thanks
    welcome hello hi hey sure okay ok great good nice lovely handy wonderful perfect happy glad
    pleased and or but so as if then than to of in on at by for from with into about up out over
    around through between while where what which who how when also too just even still again well
    now some any each both either other another such same find found look looking looks see
    show shown showing take taking pick picked choose choosing browse select get getting give giving
    go going try trying want wanted need needed like liked love enjoy hope help helping helps know
    think tell ask make makes feel keep come comes below above details option options choice
    choices item items product products pick picks result results suggestion suggestions idea ideas
    thing things list selection one ones way question questions shop shopping today's yes
    suggest however including include includes such following based match matches matching
    together anything something everything more else start
    interested mind""".split()
)
QUESTION_GLUE = frozenset("cart add adding anything else more compare smaller larger".split())
NEGATIONS = frozenset(
    """no not none never nothing neither nor cannot can't don't doesn't didn't isn't aren't wasn't
    won't wouldn't couldn't haven't hasn't without unfortunately sorry apologize apologies
    unavailable unable""".split()
)
COUNTED = frozenset(
    "option options choice choices item items product products pick picks result results".split()
)
