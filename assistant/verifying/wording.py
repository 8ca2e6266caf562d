"""The small words that turn what a sentence says: not, must, fewer, only, because. Danish, and the English for them."""

from __future__ import annotations

from importlib.resources import files

from assistant.retrieval.wordlists import DANISH_FRAME_WORDS, DANISH_FUNCTION_WORDS, ENGLISH_FUNCTION_WORDS
from assistant.text.danish import stem

NEGATORS = frozenset(
    "ikke ej aldrig ingen intet ingenting uden hverken næppe medmindre not no never without neither nor none unless "
    "nothing isn doesn don aren wasn cannot".split()
)
FORWARD_NEGATORS = frozenset("uden hverken medmindre without neither unless".split())
"""These deny what follows them; the others deny their whole clause."""

AFTER_NO_NEGATION = frozenset("kun bare blot alene mindst udelukkende only just merely least".split())
"""After "ikke" they make no negation: "ikke kun", "ikke mindst"."""

MUST, SHOULD, MAY, WILL = "must", "should", "may", "will"
MODALS: dict[str, str] = {
    word: kind
    for kind, members in (
        (
            MUST,
            "skal skulle må nødt tvunget tvinges obligatorisk obligatoriske pligt pligtig forpligtet nødvendigt "
            "påkrævet kræver kræves must shall required mandatory obliged",
        ),
        (
            SHOULD,
            "bør burde anbefaler anbefale anbefales anbefalet foreslår tilråder should ought recommends",
        ),
        (
            MAY,
            "kan kunne måske muligvis eventuelt muligt mulighed frivilligt valgfrit can could may might",
        ),
        (WILL, "vil ville agter planlægger will would"),
    )
    for word in members.split()
}

QUESTIONING = frozenset(
    stem(w)
    for w in "spørgsmål spørge spørger spurgt rejser åbent åbne overvejer overvejelse hvorvidt dilemma dilemmaer "
    "drøfter diskuterer uafklaret usikkert tvivl asks question open whether".split()
)
CAUSAL = frozenset(
    "fordi derfor idet pga skyldes skyld medfører årsag årsagen grund dermed hvorfor derved følge because therefore "
    "causes".split()
)
CONDITIONAL = frozenset(
    "hvis såfremt medmindre forudsat undtagen undtaget bortset if unless except provided".split()
)
ONLY = frozenset("kun alene udelukkende blot bare eneste only solely".split())
UNIVERSAL = (
    frozenset("alle samtlige enhver ethvert hver hvert all every each".split()),
    frozenset("altid stets always".split()),
    frozenset("aldrig never".split()),
    ONLY,
    frozenset("helt fuldstændig fuldstændigt totalt komplet fuldt ganske completely entirely fully".split()),
    frozenset("overalt everywhere".split()),
    frozenset("før inden before".split()),
)
"""Words that claim more, or another time, than most texts do: each group must stand in the source too."""

PIVOTS = frozenset("frem fremfor stedet snarere end hellere than rather instead".split())
"""What stands before them is preferred to what stands behind them."""

UPPER = frozenset("højst maksimalt maksimum max maks most maximum".split())
LOWER = frozenset("mindst minimum minimalt min least".split())
ASKING = frozenset(stem(w) for w in "spørger spørge spørgsmål hvorvidt asks question whether".split())
"""Words that make a question of what follows."""
RELATIVE = frozenset("der som hvor hvilket hvilke which that who where".split())
ABOVE = frozenset("over mere flere more above".split())
BELOW = frozenset("under mindre færre less fewer below".split())
BOUNDS: dict[str, str] = {
    **dict.fromkeys(UPPER, "upper"),
    **dict.fromkeys(LOWER, "lower"),
    **dict.fromkeys(ABOVE, "above"),
    **dict.fromkeys(BELOW, "below"),
}

LIGHT = frozenset(
    stem(w)
    for w in """
    bygge bygger give giver sætte sætter have har få får gøre gør komme kommer gå går stå står tage
    tager holde holder lave laver finde findes ligge ligger blive bliver ske sker begynde grund rolle
    vigtig vigtigt vigtige vigtigere betydning forhold forbindelse sammenhæng gælde gælder særlig
    særligt blandt omfatte omfatter udgøre udgør svare skyldes baseres baseret fremhæve fremhæves
    understrege eksempel fx bl.a. måde opstå opstår problem problemet problemer samtidig desuden
    derudover endvidere dog derimod gerne netop vælge selv ad gang gange form sikre sikres ønske vægt
    forskellige
    """.split()
)
"""Words that carry little of a claim: a paraphrase may bring its own."""

SAYING = DANISH_FRAME_WORDS - frozenset(
    "arbejder arbejde bruge bruges bruger brug møde punkt del område området samlet".split()
)


def _opposites() -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    text = (files("assistant.verifying") / "data" / "opposites_da.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    for line, pair in enumerate(lines):
        for side, group in enumerate(pair.split("|")):
            for word in group.split():
                for form in (word, stem(word)):
                    found.setdefault(form, set()).add((line, side))
    return {word: frozenset(sides) for word, sides in found.items()}


OPPOSITES = _opposites()
"""Word or stem to the (pair, side) that it belongs to."""

TURNING = frozenset(
    w for w in OPPOSITES if w not in ("for", "op", "før", "inden", "efter", "under", "over", "let")
)
CONNECTING = frozenset(
    "derudover desuden endvidere ydermere herudover derimod imidlertid endelig dernæst ligeledes tillige "
    "moreover furthermore however finally".split()
)
"""Words that tie a sentence to the one before it and say nothing of their own."""

EMPTY_WORDS = (DANISH_FUNCTION_WORDS | SAYING | ENGLISH_FUNCTION_WORDS | CONNECTING) - (
    TURNING - frozenset("som-regel samme stor store alle hele".split())
)
"""Words without a subject of their own; those that turn a claim are not among them."""

META = frozenset(
    stem(w)
    for w in """
    hej goddag tak velkommen håber hjælper hjælp spørgsmål svar svare svaret opsummering opsummeret
    opsummere kort sagt konklusion konkluderende følgende nedenfor ovenfor oversigt kilde kilder
    kilderne dokument dokumenter uddrag passage passager tekststykke information oplysninger besvare
    fundet finde findes detaljer spørge gerne hermed overblik samlet set alt i alt baggrund baseret
    hello thanks answer sources following summary
    """.split()
)
"""Words of greetings and transitions: a sentence of nothing else claims nothing."""
