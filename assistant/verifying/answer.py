"""Sentence by sentence: what a model wrote becomes blocks that say what they rest on, and whether they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.citing import cite, stands_in
from assistant.embedding.base import Vectors
from assistant.records import Block, BlockState, Citation, Span
from assistant.text.folding import clean
from assistant.verifying.claims import claims_nothing
from assistant.verifying.holding import Held, Holder
from assistant.verifying.markers import before_stop, read_markers
from assistant.verifying.plain import BULLET, NUMBERED, plain
from assistant.verifying.quotations import locate, quotations
from assistant.verifying.reading import read
from assistant.verifying.sources import Source
from assistant.verifying.splitting import sentences

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to unit vectors of shape (len(texts), dimension)."""

UNCITED = "Sætningen har ingen kildehenvisning."
INVENTED = "Henvisningen {markers} er fjernet: den kilde findes ikke."
NOT_VERBATIM = "Citatet »{quote}« står ikke ordret på den side, der henvises til."
NOWHERE = "{what} står ikke i nogen af kilderne."
LEFT_OUT = "Henvisningen [{number}] er fjernet: kilden støtter ikke sætningen."
_SHOWN_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Verified:
    """An answer as it may be shown.

    ``blocks`` are of kind "text", a sentence each, and ``citations`` what they rest on; ``supported`` is
    false where nothing was verified, and the answer should give way to another.
    """

    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...]
    notices: tuple[str, ...]
    supported: bool


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quotation where it stands: the number of the source, and the span in its page."""

    number: int
    span: Span


class Verifier:
    """Verifies one answer as it is written. Not for several threads at once."""

    def __init__(self, sources: Sequence[Source], embed: Embed | None = None) -> None:
        """Hold sentences against ``sources``.

        Args:
            sources: what the model was given; nothing else is ever cited.
            embed: for measures that need vectors; this one goes by words alone (``eval/RESULTS.md`` says why).
        """
        self._sources = {source.number: source for source in sources}
        self._holder = Holder(sources)
        self._pages = "\n".join(dict.fromkeys(source.page_text for source in sources))
        self._blocks: list[Block] = []
        self._citations: list[Citation] = []
        self._invented: dict[str, None] = {}
        self._introducing: tuple[int, ...] = ()

    def sentence(self, text: str, opens: bool = False) -> Block | None:
        """Verify one sentence as the model wrote it, markers and all.

        Returns its block, or ``None`` where nothing of it is text (a rule, a fence, an empty tag).
        """
        item = bool(BULLET.match(text) or NUMBERED.match(text))
        marked = read_markers(before_stop(plain(BULLET.sub("", text), self._pages)), self._sources)
        self._invented.update(dict.fromkeys(marked.invented))
        if not any(c.isalnum() for c in marked.text):
            return None
        own = marked.numbers
        numbers = own or (self._introducing if item else ())
        block = self._block(marked.text, numbers, marked.invented, opens=opens or item, told=bool(own))
        if not item:
            self._introducing = numbers if marked.text.endswith(":") else ()
        self._blocks.append(block)
        return block

    def finish(self) -> Verified:
        """Return the whole answer."""
        claiming = [block for block in self._blocks if block.state]
        unverified = sum(block.state == "unverified" for block in claiming)
        supported = unverified < len(claiming)
        notices: list[str] = []
        if unverified and supported:
            notices.append(_counted(unverified, len(claiming)))
        if self._invented:
            shown = ", ".join(f"[{marker}]" for marker in self._invented)
            notices.append(f"Svaret henviste til kilder, som ikke findes ({shown}). Det er fjernet.")
        return Verified(tuple(self._blocks), tuple(self._citations), tuple(notices), supported)

    def _block(
        self, text: str, numbers: tuple[int, ...], invented: tuple[str, ...], *, opens: bool, told: bool
    ) -> Block:
        warnings: list[str] = []
        if invented:
            warnings.append(INVENTED.format(markers=", ".join(f"[{marker}]" for marker in invented)))
        quotes, forged = self._quotes(text, numbers)
        warnings.extend(NOT_VERBATIM.format(quote=_short(quote)) for quote in forged)
        claim = read(NUMBERED.sub("", text))
        if nowhere := self._holder.nowhere(claim):
            warnings.append(NOWHERE.format(what=_listed(nowhere)))
        state: BlockState = ""
        if not claims_nothing(claim, text) or forged:
            held = self._held(text, numbers, quotes)
            state = "verified" if held.supported and not forged else "unverified"
            if state == "verified":
                if told:
                    warnings.extend(LEFT_OUT.format(number=n) for n in numbers if n not in held.numbers)
                numbers = held.numbers
            elif not numbers:
                warnings.append(UNCITED)
            elif not warnings:
                warnings.extend(held.against[:1])
        cites = tuple(dict.fromkeys(i for number in numbers for i in self._cites(number, quotes)))
        return Block("text", text, cites=cites, state=state, warnings=tuple(warnings), opens=opens)

    def _held(self, text: str, numbers: tuple[int, ...], quotes: Sequence[_Quote]) -> Held:
        outside = {
            quote.number: self._around(quote)
            for quote in quotes
            if not _within(quote.span, self._sources[quote.number].passage.span)
        }
        return self._holder.hold(NUMBERED.sub("", text), numbers, outside)

    def _around(self, quote: _Quote) -> str:
        """The text of a quotation that stands on the page outside its passage."""
        return clean(self._sources[quote.number].page_text[quote.span.start : quote.span.end])

    def _quotes(self, text: str, numbers: Sequence[int]) -> tuple[list[_Quote], list[str]]:
        """Return the quotations that stand on a cited page, and those that do not."""
        found: list[_Quote] = []
        forged: list[str] = []
        for quote in quotations(text):
            standing = [
                _Quote(number, span)
                for number in numbers
                if (span := self._located(quote, self._sources[number])) is not None
            ]
            if standing:
                found.extend(standing)
            else:
                forged.append(quote)
        return found, forged

    def _located(self, quote: str, source: Source) -> Span | None:
        return locate(quote, source.page_text, source.passage.span)

    def _cites(self, number: int, quotes: Sequence[_Quote]) -> list[int]:
        """The places in ``citations`` of what a sentence rests on: its quotations, or else the passage."""
        source = self._sources[number]
        own = [quote.span for quote in quotes if quote.number == number]
        if not own:
            return [self._place(cite(source.document, source.passage, number))]
        return [self._place(_citation(source, span)) for span in own]

    def _place(self, citation: Citation) -> int:
        if citation not in self._citations:
            self._citations.append(citation)
        return self._citations.index(citation)


def verify(text: str, sources: Sequence[Source], *, embed: Embed | None = None) -> Verified:
    """Verify a whole answer: split into sentences, each held against what it cites."""
    verifier = Verifier(sources, embed)
    for sentence in sentences(text):
        verifier.sentence(sentence.text, sentence.opens)
    return verifier.finish()


def _citation(source: Source, span: Span) -> Citation:
    quote = clean(source.page_text[span.start : span.end])
    verified = stands_in(quote, source.document.page(source.passage.page))
    return Citation(source.number, source.passage, quote, span, verified)


def _listed(words: Sequence[str]) -> str:
    shown = [f"»{word}«" for word in words]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} og {shown[-1]}"


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _short(quote: str) -> str:
    return quote if len(quote) <= _SHOWN_QUOTE else f"{quote[: _SHOWN_QUOTE - 1].rstrip()}…"


def _counted(unverified: int, claiming: int) -> str:
    which = "sætning" if claiming == 1 else "sætninger"
    return f"{unverified} af {claiming} {which} kunne ikke verificeres i kilderne."
