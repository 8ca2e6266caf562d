"""The words around the quotes: short, in the language of the question, never saying more than the quotes."""

from __future__ import annotations

import re
from typing import Literal

from assistant.records import Document, Passage

Language = Literal["da", "en"]

# Kinds of documents in the definite form; the common endings where a kind is not listed.
_DEFINITE = {
    "dokument": "dokumentet",
    "debatoplæg": "debatoplægget",
    "oplæg": "oplægget",
    "rapport": "rapporten",
    "notat": "notatet",
    "vejledning": "vejledningen",
    "strategi": "strategien",
    "aftale": "aftalen",
    "lov": "loven",
    "bekendtgørelse": "bekendtgørelsen",
    "referat": "referatet",
    "analyse": "analysen",
    "håndbog": "håndbogen",
    "plan": "planen",
    "politik": "politikken",
    "præsentation": "præsentationen",
    "redegørelse": "redegørelsen",
    "udspil": "udspillet",
    "guide": "guiden",
    "brev": "brevet",
    "høringssvar": "høringssvaret",
    "årsrapport": "årsrapporten",
    "evaluering": "evalueringen",
    "anbefalinger": "anbefalingerne",
}
_ENGLISH = {
    "debatoplæg": "debate paper",
    "oplæg": "presentation",
    "rapport": "report",
    "notat": "memo",
    "vejledning": "guide",
    "strategi": "strategy",
    "præsentation": "presentation",
    "aftale": "agreement",
    "analyse": "analysis",
}


def kind_definite(kind: str, language: Language) -> str:
    """Return "debatoplægget" for "debatoplæg"; "dokumentet" where the form is not known."""
    if language == "en":
        return "the " + _ENGLISH.get(kind.lower(), "document")
    return _DEFINITE.get(kind.lower(), "dokumentet")


def says(document: Document, passages: list[Passage], language: Language, *, heading: str = "") -> str:
    """Return the line that says who says it, for quotes that follow.

    Args:
        document: who speaks.
        passages: what is quoted; only open questions are introduced as such.
        language: of the frame.
        heading: the heading that the quotes stand under, where that helps to read them.
    """
    who, where = document.organisation, kind_definite(document.kind, language)
    under = sentence_case(heading)
    if passages and all(is_open_question(p) for p in passages):
        if language == "en":
            return f"{who} raises it as an open question in {where}:"
        return f"{who} rejser det som et åbent spørgsmål i {where}:"
    if language == "en":
        return (
            f"{who} writes in {where}, under the heading “{under}”:" if under else f"{who} writes in {where}:"
        )
    if not under:
        return f"{who} skriver i {where}:"
    if under.endswith("?"):
        return f"{who} stiller i {where} spørgsmålet »{under}« og skriver:"
    return f"{who} skriver i {where} under overskriften »{under}«:"


def part_heading(document: Document, page: int, language: Language) -> str:
    """Return the line above what stands on a page, or with page 0 above the headings of a document."""
    who, where = document.organisation, kind_definite(document.kind, language)
    if not page:
        return (
            f"{who} has divided {where} under these headings:"
            if language == "en"
            else f"{who} har delt {where} op under disse overskrifter:"
        )
    if language == "en":
        return f"On {_english_page(document)} {page} of {where}, {who} writes:"
    return f"På {document.page_noun} {page} i {where} skriver {who}:"


def no_part(document: Document, page: int, language: Language, *, there: bool) -> str:
    """Return the line for a page that has no text, or that is not ``there``."""
    where, count = kind_definite(document.kind, language), len(document.pages)
    if language == "en":
        noun = _english_page(document)
        if there:
            return f"{noun.capitalize()} {page} of {where} by {document.organisation} has no text."
        counted = f"{count} {noun}" if count == 1 else f"{count} {noun}s"
        return f"There is no {noun} {page}: {where} by {document.organisation} has {counted}."
    noun = document.page_noun
    if there:
        return f"{noun.capitalize()} {page} i {where} fra {document.organisation} er uden tekst."
    counted = f"kun {'én' if noun == 'side' else 'ét'} {noun}" if count == 1 else f"{count} {_PLURAL[noun]}"
    return f"{noun.capitalize()} {page} findes ikke: {where} fra {document.organisation} har {counted}."


_PLURAL = {"side": "sider", "slide": "slides"}


def _english_page(document: Document) -> str:
    return "page" if document.page_noun == "side" else "slide"


def courtesy(question: str) -> str:
    """Return what is said to a greeting or thanks that asks nothing; empty for anything else."""
    said = " ".join(re.findall(r"\w+", question.lower()))
    return next((returned for pattern, returned in _COURTESIES if pattern.fullmatch(said)), "")


_COURTESIES = (
    (
        re.compile(
            r"(?:hej|hejsa|goddag|god dag|godmorgen|god morgen|godaften|halløj|davs)(?: (?:med dig|igen|der|alle))?"
        ),
        "Hej. Skriv et spørgsmål om det, som dokumenterne handler om.",
    ),
    (
        re.compile(
            r"(?:(?:ok|okay|super|fint|perfekt|godt) )?(?:mange |tusind )?"
            r"tak(?: (?:for (?:det|hjælpen|svaret)|skal du have))?|ok|okay|super|fint"
        ),
        "Selv tak. Spørg endelig videre.",
    ),
    (
        re.compile(
            r"(?:hej )?(?:hvem|hvad) er du(?: for (?:en|noget))?|hvad kan du(?: (?:hjælpe (?:mig )?med|svare på))?|"
            r"hvordan (?:virker|fungerer) du|kan du hjælpe(?: mig)?|hjælp"
        ),
        "Et program, der finder det, dokumenterne skriver, og citerer det ordret. "
        "Skriv et spørgsmål om det, som de handler om.",
    ),
    (
        re.compile(r"(?:hello|hi|good (?:morning|day|evening))(?: there)?"),
        "Hello. Ask a question about what the documents are about.",
    ),
    (
        re.compile(r"(?:many )?thanks(?: a lot)?|thank you(?: (?:very|so) much)?"),
        "You are welcome. Do ask on.",
    ),
)


def side_heading(document: Document, language: Language) -> str:
    """Return the heading of one part of a comparison: "KOMDIR (debatoplæg)"."""
    kind = document.kind if language == "da" else _ENGLISH.get(document.kind.lower(), "document")
    return f"{document.organisation} ({kind})"


def is_open_question(passage: Passage) -> bool:
    """Whether a passage asks rather than claims; an example in brackets behind the question may follow."""
    return bool(re.search(r"\?\s*(?:\([^()]*\))?[\s)”\"»]*$", passage.text))


def sentence_case(heading: str) -> str:
    """Return the innermost heading without its number, not shouting: "Den kompetente forvaltning"."""
    inner = heading.rsplit(" › ", 1)[-1].strip()
    number, _, rest = inner.partition(" ")
    if rest and number.rstrip(".)").isdigit() and number[-1] in ".)":
        inner = rest
    inner = inner.rstrip(".: ") if not inner.endswith("?") else inner
    letters = [c for c in inner if c.isalpha()]
    shouting = sum(c.isupper() for c in letters) > 0.6 * len(letters) if letters else False
    if shouting and len(letters) > 4:
        return inner[0] + inner[1:].lower() if not inner[0].isdigit() else inner.lower()
    return inner


FRAMES: dict[Language, dict[str, str]] = {
    "da": {
        "not_answered": "Det svarer dokumenterne ikke på.",
        "side_not_answered": "{who} svarer ikke på det i {where}.",
        "mentioned_once": "»{word}« nævnes ét sted, men svaret på spørgsmålet står der ikke:",
        "mentioned": "»{word}« nævnes {count} steder, men svaret på spørgsmålet står der ikke. Nærmest er:",
        "mentions_once": "{who} nævner »{word}« ét sted i {where}:",
        "mentions": "{who} nævner »{word}« {count} steder i {where}:",
        "nearest": "Det nærmeste, de skriver, er:",
        "nearest_of_all": "Det nærmeste, der står i dokumenterne, er:",
        "instead": "Spørg for eksempel om noget, som de svarer på:",
        "no_theme": "Nævn et emne for at se, hvad hver af dem skriver om det.",
        "silent": "Ikke omtalt.",
        "side_silent": "{who} omtaler det ikke i {where}.",
        "both": "Begge steder: {words}.",
        "all": "Alle steder: {words}.",
    },
    "en": {
        "not_answered": "The documents do not answer that.",
        "side_not_answered": "{who} does not answer that in {where}.",
        "mentioned_once": "“{word}” is mentioned in one place, but the answer is not there:",
        "mentioned": "“{word}” is mentioned in {count} places, but the answer is not there. The nearest is:",
        "mentions_once": "{who} mentions “{word}” in one place in {where}:",
        "mentions": "{who} mentions “{word}” in {count} places in {where}:",
        "nearest": "The nearest they say is:",
        "nearest_of_all": "The nearest that is written in the documents is:",
        "instead": "You could ask something that they do answer:",
        "no_theme": "Name a theme to see what each of them writes about it.",
        "silent": "Not mentioned.",
        "side_silent": "{who} does not mention it in {where}.",
        "both": "In both: {words}.",
        "all": "In all: {words}.",
    },
}
