"""HTML, and Markdown by way of it: headings, paragraphs, lists and tables; nothing that a browser hides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.loading.plain import decoded
from assistant.loading.tables import Cell, Table
from assistant.loading.texts import PageText, PageWriter, ReadText

if TYPE_CHECKING:
    from bs4 import Tag


def read_html(name: str, data: bytes) -> ReadText:
    """Return an HTML file as one page.

    Raises:
        DocumentError: the bytes are no text.
    """
    return _read(_source(name, data))


def read_markdown(name: str, data: bytes) -> ReadText:
    """Return a Markdown file as one page.

    Raises:
        DocumentError: the bytes are no text.
    """
    from markdown_it import MarkdownIt

    source = _FRONT_MATTER.sub("", decoded(name, data), count=1)
    return _read(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(source))


_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)


def _source(name: str, data: bytes) -> str:
    """Decode by the bytes; what the file says of itself counts where they leave a choice."""
    declared = _CHARSET.search(data[:4096])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                encoding = declared[1].decode("ascii").lower()
                # Browsers, too, read ISO-8859-1 as Windows-1252 (WHATWG Encoding, 4.2).
                encoding = "cp1252" if encoding in ("iso-8859-1", "latin1", "us-ascii") else encoding
                if encoding not in ("utf-8", "utf8", "utf-16"):
                    return decoded(name, data.decode(encoding).encode())
            except (LookupError, ValueError):
                pass
    return decoded(name, data)


def _read(source: str) -> ReadText:
    from bs4 import BeautifulSoup
    from bs4.element import PreformattedString

    soup = BeautifulSoup(source, "lxml")
    for element in soup.find_all(_unseen):
        element.decompose()
    for string in soup.find_all(string=lambda s: isinstance(s, PreformattedString)):
        string.extract()  # comments and declarations
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    body = soup.find("main") or soup.body or soup
    writer = PageWriter()
    _Walk(writer).children(body)
    heading = body.find("h1")
    return ReadText(
        (PageText(writer.text(), "html"),), (heading.get_text(" ", strip=True) if heading else "") or title
    )


_DROPPED = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "svg",
    "canvas",
    "iframe",
    "object",
    "select",
    "button",
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu ol p pre section summary table tbody td tfoot th thead "
    "tr ul caption html".split()
)


def _unseen(element: Tag) -> bool:
    if element.name in _DROPPED or element.has_attr("hidden"):
        return True
    if element.get("aria-hidden") == "true" or element.get("role") == "navigation":
        return True
    return bool(_HIDDEN_STYLE.search(str(element.get("style", ""))))


class _Walk:
    """Goes through elements in order and writes what they hold."""

    def __init__(self, writer: PageWriter) -> None:
        self._writer = writer
        self._inline = ""
        self._mark = ""

    def children(self, element: Tag, depth: int = 0) -> None:
        """Write the children of a block."""
        from bs4.element import NavigableString, Tag

        for child in element.children:
            if isinstance(child, NavigableString):
                self._inline += str(child) if element.name == "pre" else re.sub(r"\s+", " ", str(child))
            elif not isinstance(child, Tag):
                continue
            elif child.name == "br":
                self._inline += "\n"
            elif child.name not in _BLOCKS and (depth > 200 or not _holds_block(child)):
                self._inline += _inline_text(child, raw=element.name == "pre")
            else:
                self._flush()
                self._block(child, depth + 1)
                self._flush()
        if depth == 0:
            self._flush()

    def _block(self, element: Tag, depth: int) -> None:
        name = element.name
        if depth > 200:  # nested without end: its text, without its form
            self._inline += element.get_text(" ")
        elif re.fullmatch(r"h[1-6]", name):
            self._writer.heading(int(name[1]), element.get_text(" "))
        elif name == "table":
            _write_table(self._writer, element)
        elif name in ("ul", "ol", "menu", "dir"):
            self._list(element, depth)
        else:
            self.children(element, depth)
            self._flush()

    def _list(self, element: Tag, depth: int) -> None:
        number = _number(element.get("start"))
        for child in element.find_all(True, recursive=False):
            self._flush()
            if child.name == "li":
                self._mark = f"{number}." if element.name == "ol" else "•"
                number += 1
            self.children(child, depth + 1)
            self._flush()
            self._mark = ""

    def _flush(self) -> None:
        text, self._inline = self._inline, ""
        if not text.strip():
            return
        if self._mark:
            self._writer.item(text, self._mark)
            self._mark = ""  # a second paragraph of an item has no bullet of its own
        else:
            self._writer.paragraph(text)


def _holds_block(element: Tag) -> bool:
    return element.find(list(_BLOCKS)) is not None


def _inline_text(element: Tag, *, raw: bool) -> str:
    for line_break in element.find_all("br"):
        line_break.replace_with("\n")
    text = element.get_text()
    return text if raw else re.sub(r"[^\S\n]+", " ", text)


def _write_table(writer: PageWriter, element: Tag) -> None:
    rows: list[list[Cell]] = []
    head = 0
    held: dict[int, tuple[int, Cell]] = {}
    caption = element.find("caption")
    if caption is not None and caption.find_parent("table") is element:
        writer.paragraph(caption.get_text(" "))
    for row in element.find_all("tr"):
        if row.find_parent("table") is not element:
            continue
        cells: list[Cell] = []
        column = 0
        for entry in row.find_all(["td", "th"], recursive=False):
            while column in held:
                column = _repeat(held, column, cells)
            span = _number(entry.get("colspan"))
            cell = Cell(_cell_lines(entry), column, span, bold=entry.name == "th")
            cells.append(cell)
            if (down := _number(entry.get("rowspan"))) > 1:
                held[column] = (down, cell)
            column += span
        while column in held:
            column = _repeat(held, column, cells)
        held = {c: (left - 1, cell) for c, (left, cell) in held.items() if left > 1}
        in_head = row.parent is not None and row.parent.name == "thead"
        if cells and len(rows) == head and (in_head or (head == 0 and all(c.bold for c in cells))):
            head += 1
        rows.append(cells)
    columns = max((c.start + c.span for r in rows for c in r), default=0)
    if columns == 1:  # a box, not a table
        for only in rows:
            writer.paragraph("\n".join(line for c in only for line in c.lines))
        return
    table = Table([r for r in rows if r], columns, head=head or None)
    writer.table(table)


def _repeat(held: dict[int, tuple[int, Cell]], column: int, cells: list[Cell]) -> int:
    """Put a cell that spans several rows in this one too."""
    left, cell = held[column]
    if not any(c.start == column for c in cells):
        cells.append(Cell(cell.lines, column, cell.span, bold=cell.bold, below=True))
    held[column] = (left, cell)
    return column + cell.span


def _cell_lines(entry: Tag) -> list[str]:
    for item in entry.find_all("li"):
        item.insert_before("\n• ")
    for block in entry.find_all(["br", "p", "div", "tr"]):
        block.insert_before("\n")
    lines = (" ".join(line.split()) for line in entry.get_text().split("\n"))
    return [line for line in lines if line and line != "•"]


def _number(value: object) -> int:
    text = str(value or 1)
    return min(max(int(text), 1), 100) if text.isdecimal() and len(text) < 5 else 1
