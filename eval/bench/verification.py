"""Verifying an answer of ten sentences beside embedding those sentences."""

from __future__ import annotations

from assistant import factory
from assistant.progress import Progress, ProgressCallback
from assistant.settings import Settings
from assistant.verifying.answer import verify
from assistant.verifying.sources import Source
from eval.bench.timing import Figure, paired
from eval.opening import temporary_index

SENTENCES = 10
SOURCES = 10
ANSWERS = 25
TARGET = 2.0
_WORDS = ("ifølge oplægget", "i den forbindelse", "også", "fremover", "som nævnt")


def verified_answer(settings: Settings, progress: ProgressCallback) -> Figure:
    """A whole answer verified from nothing, sources read and all, beside the embedding of its sentences.

    The sentences are passages of the documents in the words of a model, each citing the passage that it is
    from and another one, so that all of them are weighed and some are held against two. Every answer is
    another, and none is seen twice.
    """
    embedder = factory.open_embedder(settings)
    with temporary_index(settings) as own:
        assistant = factory.open_assistant(own, progress=progress)
        sources = [
            Source(0, passage, document.page(passage.page).text, document)
            for document in assistant.documents
            for passage in assistant.passages(document.id)
        ]
    answers = [_answer(sources, number) for number in range(ANSWERS)]
    verify(*_joined(*answers[0]))
    embedder.embed_passages(answers[0][0])
    rounds = [
        (
            lambda text=text, given=given: verify(*_joined(text, given)),
            lambda text=text: embedder.embed_passages(text),
        )
        for text, given in answers[1:]
    ]
    pairs = paired(rounds, lambda done: progress(Progress("Verificerede svar", done, len(rounds))))
    return Figure("verify", "Verificering af ti sætninger", "indlejring af sætningerne", TARGET, pairs)


def _answer(sources: list[Source], number: int) -> tuple[list[str], tuple[Source, ...]]:
    first = number * 7
    given = tuple(
        Source(n, s.passage, s.page_text, s.document)
        for n, s in enumerate((sources[(first + at * 3) % len(sources)] for at in range(SOURCES)), 1)
    )
    return [_sentence(given, at, number) for at in range(SENTENCES)], given


def _sentence(given: tuple[Source, ...], at: int, number: int) -> str:
    source = given[at % len(given)]
    text = source.passage.text.rstrip(".:;… ")
    opening = _WORDS[(at + number) % len(_WORDS)].capitalize()
    beside = given[(at + 1) % len(given)].number
    return f"{opening} skriver {source.document.organisation}: {text} [{source.number}][{beside}]."


def _joined(sentences: list[str], given: tuple[Source, ...]) -> tuple[str, tuple[Source, ...]]:
    return "\n".join(sentences), given
