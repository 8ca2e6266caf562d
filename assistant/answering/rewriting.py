"""A follow-up question made whole by a model, where what it wrote can be trusted to ask the same."""

from __future__ import annotations

from assistant.answering.prompting import harmless
from assistant.llm.base import Deadline, LanguageModel, Message
from assistant.records import Query
from assistant.retrieval.language import language_of
from assistant.retrieval.understanding import focus_words
from assistant.text.danish import stem

_LONGEST = 300
_TOKENS = 80
_NEW_WORDS = 1

_ASK = """\
Her er spørgsmålene i en samtale, ældste først. Skriv det sidste om, så det kan forstås alene. Brug samtalens egne \
ord, og spørg om det samme. Svar kun med spørgsmålet, på én linje og på samme sprog.

{questions}"""


def rewrite(query: Query, model: LanguageModel, deadline: Deadline) -> str | None:
    """Return ``query.question`` as a question that stands alone, or ``None`` where the rules do better.

    What comes back counts only if it is one question in the same language, in words of the
    conversation but for ``_NEW_WORDS``: a model must not change the subject.

    Raises:
        AssistantError: the model could not be asked.
    """
    asked = [*query.history[-3:], query.question]
    questions = "\n".join(f"{number}. {harmless(text)}" for number, text in enumerate(asked, 1))
    message = Message("user", _ASK.format(questions=questions))
    whole = "".join(model.stream((message,), max_tokens=_TOKENS, deadline=deadline)).strip()
    whole = whole.strip('»«"“” ')
    return whole if _same(whole, asked, query) else None


def _same(whole: str, asked: list[str], query: Query) -> bool:
    if not whole or "\n" in whole or len(whole) > _LONGEST or not whole.endswith("?"):
        return False
    if language_of(whole, query.question) != query.language or harmless(whole) != whole:
        return False
    said = {stem(word) for text in asked for word in focus_words(text)}
    own = {stem(word) for word in focus_words(query.question)}
    now = {stem(word) for word in focus_words(whole)}
    return len(now - said) <= _NEW_WORDS and own <= now
