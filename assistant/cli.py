"""The command line: build, ask, search, compare, chat, documents, doctor.

Results go to stdout, progress and errors to stderr. Exit status 0 also when the answer is to abstain,
2 with one line on stderr when something is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from assistant import __version__
from assistant.errors import AssistantError
from assistant.settings import Settings, load_settings
from assistant.terminal import shown_progress

if TYPE_CHECKING:
    from assistant.live import LiveAssistant
    from assistant.pipeline import Assistant
    from assistant.records import Answer

EXIT_ERROR = 2
EXIT_STOPPED = 130
"""As the shell has it for a program that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter still gets the answer
    debug = False
    try:
        options = _parser().parse_args(arguments)
        debug = options.debug
        settings = load_settings()
        _configure_logs(settings, debug=debug)
        return int(options.run(options, settings))
    except AssistantError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("Afbrudt.", file=sys.stderr)
        return EXIT_STOPPED
    except BrokenPipeError:
        sys.stderr.close()  # the reader has left; there is nobody to tell
        return 0
    except Exception as error:
        print(_unforeseen(error, debug=debug), file=sys.stderr)
        return EXIT_ERROR


# --- commands -------------------------------------------------------------------------------------

_STOPPED = "Afbrudt. Intet er tabt: kør den samme kommando igen, så fortsætter byggeriet, hvor det slap."
_PROBLEMS = {"unread": "Ikke indlæst", "partly": "Delvist indlæst", "notice": "Bemærk"}


def _build(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.factory import build_index

    try:
        with shown_progress() as progress:
            report = build_index(settings, progress, dask=options.dask)
    except KeyboardInterrupt:
        print(_STOPPED, file=sys.stderr)
        return EXIT_STOPPED
    for problem in report.problems:
        print(f"{_PROBLEMS[problem.kind]}: {problem.message}", file=sys.stderr)
    print(
        f"{_count(report.documents, 'dokument', 'dokumenter')}, "
        f"{_count(report.passages, 'tekststykke', 'tekststykker')} "
        f"({report.embedded} indlejret, {report.reused} genbrugt) på {report.seconds:.1f} sekunder."
    )
    return 0


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    assistant = _open(settings)
    answer = _answer(assistant, options, options.question, options.history)
    if options.json:
        from assistant.serializing import answer_object, hit_objects

        _print_json(
            {"question": answer.question, "hits": hit_objects(answer.hits), "answer": answer_object(answer)}
        )
        return 0
    _print_answer(assistant, answer)
    return 0


def _search(options: argparse.Namespace, settings: Settings) -> int:
    assistant = _open(settings)
    query, hits = assistant.search(
        options.question, history=options.history, documents=options.document, top_k=options.top_k
    )
    if options.json:
        from assistant.serializing import hit_objects

        _print_json(
            {"question": query.question, "understood_as": query.understood_as, "hits": hit_objects(hits)}
        )
        return 0
    from assistant.citing import reference

    for hit in hits:
        document = assistant.document(hit.passage.document_id)
        print(f"{hit.rank:>2}. {hit.score:6.2f}  {hit.passage.text}")
        print(f"            {reference(document, hit.passage.page)}")
    return 0


def _compare(options: argparse.Namespace, settings: Settings) -> int:
    assistant = _open(settings)
    from assistant.comparing.comparison import compare
    from assistant.comparing.rendering import plain_text

    documents = options.document or [document.id for document in assistant.documents]
    print(plain_text(compare(assistant, options.theme, documents), assistant.document))
    return 0


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.limits import check_conversation

    live = _open_live(settings)
    assistant = live.current()
    print("Svarene er lavet af en maskine og bygger kun på disse dokumenter:")
    for document in assistant.documents:
        print(f"  {document.organisation}: {document.title}")
    print("Skriv et spørgsmål, eller »slut« for at stoppe.")
    history: list[str] = []
    while True:
        try:
            question = input("\n> ")
        except EOFError:
            return 0
        if question.strip().lower() in ("slut", "exit", "quit"):
            return 0
        try:
            check_conversation(len(history), settings.limits.conversation_turns)
            assistant = live.current()
            answer = _answer(assistant, options, question, history)
        except AssistantError as error:
            print(error, file=sys.stderr)
            continue
        history.append(question)
        _print_answer(assistant, answer)


def _documents(options: argparse.Namespace, settings: Settings) -> int:
    assistant = _open(settings)
    if options.json:
        rows = [
            {
                "id": d.id,
                "title": d.title,
                "organisation": d.organisation,
                "kind": d.kind,
                "language": d.language,
                "pages": len(d.pages),
                "passages": len(assistant.passages(d.id)),
                "sha256": d.sha256,
            }
            for d in assistant.documents
        ]
        _print_json({"documents": rows, "problems": [p.message for p in assistant.problems]})
        return 0
    for d in assistant.documents:
        pages = _count(len(d.pages), d.page_noun, "sider" if d.page_noun == "side" else "slides")
        passages = _count(len(assistant.passages(d.id)), "tekststykke", "tekststykker")
        print(f"{d.id}\n    {d.organisation}: {d.title} ({d.kind}), {pages}, {passages}")
    for problem in assistant.problems:
        print(f"{_PROBLEMS[problem.kind]}: {problem.message}", file=sys.stderr)
    return 0


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    """Check each part by itself; the first one that is broken decides the exit status."""
    from assistant import health
    from assistant.factory import open_embedder, where_index_is
    from assistant.live import LiveAssistant
    from assistant.loading.reader import corpus_files

    failed = False
    notice = ""

    def check(name: str, run: Callable[[], str]) -> None:
        nonlocal failed
        try:
            found = run()
            print(f"{_STATES['degraded' if notice else 'ok']} {name}: {notice or found}")
        except AssistantError as error:
            failed = True
            print(f"FEJL  {name}: {error}")

    def index() -> str:
        nonlocal notice
        live = LiveAssistant(settings, build_if_missing=False)
        notice = live.notice  # an older index than the newest serves; questions are answered all the same
        assistant = live.current()
        built = {d.id: d.sha256 for d in assistant.documents}
        held = _count(sum(len(assistant.passages(name)) for name in built), "tekststykke", "tekststykker")
        of = _count(len(built), "dokument", "dokumenter")
        files = {
            p.stem: hashlib.sha256(p.read_bytes()).hexdigest() for p in corpus_files(settings.corpus.path)
        }
        unread = {Path(problem.source).stem for problem in assistant.problems if problem.kind == "unread"}
        changed = set(files.keys() | built.keys()) - unread
        stale = any(files.get(name) != built.get(name) for name in changed)
        note = "; dokumenterne er ændret siden, så kør »python -m assistant build«" if stale else ""
        where = where_index_is(settings)
        return f"{held} fra {of}, bygget {assistant.index_created}{', ' if where else ''}{where}{note}"

    print(f"assistant {__version__}, Python {sys.version.split()[0]}")
    check("dokumenter", lambda: _count(len(corpus_files(settings.corpus.path)), "fil", "filer"))
    check("sprogmodel til søgning", lambda: open_embedder(settings).fingerprint)
    check("indeks", index)
    for part in (health.check_database(settings), health.check_llm(settings)):
        failed = failed or part.state == "failed"
        print(f"{_STATES[part.state]} {part.label}: {part.message}")
    if failed:
        print("Mindst én del kan ikke bruges; se linjerne med FEJL.", file=sys.stderr)
    return EXIT_ERROR if failed else 0


_STATES = {"ok": "OK   ", "degraded": "OBS  ", "failed": "FEJL ", "off": "-    "}


# --- helpers --------------------------------------------------------------------------------------


def _open(settings: Settings) -> Assistant:
    return _open_live(settings).current()


def _open_live(settings: Settings) -> LiveAssistant:
    from assistant.live import LiveAssistant

    with shown_progress() as progress:
        live = LiveAssistant(settings, progress)
    if live.notice:
        print(live.notice, file=sys.stderr)
    return live


def _answer(
    assistant: Assistant, options: argparse.Namespace, question: str, history: Sequence[str]
) -> Answer:
    from assistant.logs import answered
    from assistant.records import Answer

    parts = assistant.stream(question, history=history, documents=options.document, answerer=options.answerer)
    (answer,) = (part for part in answered(parts) if isinstance(part, Answer))
    return answer


def _unforeseen(error: Exception, *, debug: bool) -> str:
    """Return the one line on what nobody foresaw; how it came about goes to a file, or here with ``debug``."""
    import tempfile

    from assistant.logs import trace

    what = f"Der skete en fejl, som vi ikke havde forudset ({type(error).__name__})."
    if debug:
        return f"{trace(error)}{what}"
    try:
        # Only whoever ran the command may read it.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="assistant-fejl-", suffix=".log", delete=False
        ) as file:
            file.write(trace(error))
    except OSError:
        return f"{what} Kør kommandoen igen med --debug for at se, hvor den skete."
    return f"{what} Hvor den skete, står i {file.name}; --debug viser det her."


def _configure_logs(settings: Settings, *, debug: bool) -> None:
    """Log to the terminal as lines to read. What matters is printed anyway, so the rest must be asked for."""
    from assistant.logs import configure

    wanted = debug or settings.log.level == "DEBUG"
    configure("DEBUG" if wanted else "ERROR", json_lines=False)


def _print_answer(assistant: Assistant, answer: Answer) -> None:
    from assistant.citing import reference

    if answer.query.understood_as:
        print(f"Forstået som: {answer.query.understood_as}\n")
    print(answer.text)
    for notice in answer.notices:
        print(f"\nBemærk: {notice}")
    references = {
        c.marker: reference(assistant.document(c.passage.document_id), c.passage.page)
        for c in answer.citations
    }
    if references:
        print()
    for marker, text in references.items():
        print(f"[{marker}] {text}")
    if answer.suggestions:
        print("\nSpørg for eksempel:")
        for suggestion in answer.suggestions:
            print(f"  {suggestion}")


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line."""
        print(f"{self.prog}: {_danish(message)} Se »{self.prog} --help«.", file=sys.stderr)
        raise SystemExit(EXIT_ERROR)


def _danish(message: str) -> str:
    for english, danish in (
        ("the following arguments are required:", "der mangler:"),
        ("unrecognized arguments:", "ukendt argument:"),
        ("invalid choice:", "ukendt valg:"),
        ("invalid int value:", "ikke et helt tal:"),
        ("expected one argument", "der mangler en værdi"),
        ("choose from", "vælg mellem"),
        ("argument ", ""),
    ):
        message = message.replace(english, danish)
    return message if message.endswith(".") else message + "."


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="assistant", description="Spørg til dokumenterne, og få svar med kilder.")
    parser.add_argument("--version", action="version", version=f"assistant {__version__}")
    parser.add_argument(
        "--debug", action="store_true", help="vis, hvad der sker, og hvor en uventet fejl opstod"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="KOMMANDO", parser_class=_Parser)
    build = commands.add_parser("build", help="byg eller opdatér indekset")
    build.add_argument(
        "--dask",
        default="",
        metavar="ADRESSE",
        help="læs og indlejr på arbejderne i en Dask-klynge, fx tls://vært:8786",
    )
    build.set_defaults(run=_build)
    ask = commands.add_parser("ask", help="stil ét spørgsmål")
    _question_arguments(ask)
    ask.add_argument("--answerer", choices=("extractive", "llm"), help="hvem der skriver svaret")
    ask.set_defaults(run=_ask)
    search = commands.add_parser("search", help="vis de bedste tekststykker")
    _question_arguments(search)
    search.add_argument("--top-k", type=_positive, default=10, help="hvor mange (10)")
    search.set_defaults(run=_search)
    compare = commands.add_parser("compare", help="vis, hvad dokumenterne siger om det samme")
    compare.add_argument("theme", metavar="TEMA")
    compare.add_argument(
        "--document",
        action="append",
        default=[],
        metavar="ID",
        help="et af de dokumenter, der sammenlignes (alle)",
    )
    compare.set_defaults(run=_compare)
    chat = commands.add_parser("chat", help="samtale i terminalen")
    chat.add_argument(
        "--document", action="append", default=[], metavar="ID", help="søg kun i dette dokument"
    )
    chat.add_argument("--answerer", choices=("extractive", "llm"), help="hvem der skriver svarene")
    chat.set_defaults(run=_chat)
    documents = commands.add_parser("documents", help="vis, hvad der er indekseret")
    documents.add_argument("--json", action="store_true", help="som JSON")
    documents.set_defaults(run=_documents)
    doctor = commands.add_parser("doctor", help="undersøg, om alt virker")
    doctor.set_defaults(run=_doctor)
    return parser


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"»{text}« er ikke et helt tal over 0")
    return number


def _question_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", metavar="SPØRGSMÅL")
    parser.add_argument("--json", action="store_true", help="som JSON")
    parser.add_argument(
        "--history",
        action="append",
        default=[],
        metavar="TIDLIGERE",
        help="et tidligere spørgsmål, ældste først",
    )
    parser.add_argument(
        "--document", action="append", default=[], metavar="ID", help="søg kun i dette dokument"
    )
