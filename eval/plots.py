"""The plots of a report as SVG, drawn by matplotlib without a display."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from eval.summary import Part
from eval.table import number

BLUE, ORANGE, GREY = "#1f5fa8", "#b4500f", "#5f6b7a"

_STYLE: Any = {
    "svg.fonttype": "path",  # the same letters on every machine
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": "#222222",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e7ec",
    "xtick.color": "#222222",
    "ytick.color": "#222222",
}


def quality_by_kind(parts: Sequence[Part], columns: Sequence[tuple[str, str, bool]]) -> str:
    """Return one panel a metric (name, label, whether higher is better), one line a kind."""

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
        for panel, (name, label, higher) in zip(panels, columns, strict=True):
            for at, part in enumerate(parts):
                estimate = part.figure(name)
                if estimate is None:
                    continue
                panel.plot([estimate.low, estimate.high], [at, at], color=BLUE, linewidth=2.4, alpha=0.45)
                panel.plot([estimate.value], [at], "o", color=BLUE, markersize=6)
            panel.set_title(f"{label}\n{'højere' if higher else 'lavere'} er bedre", fontsize=9)
            panel.set_xlim(-0.04, 1.04)
            panel.xaxis.set_major_formatter(FuncFormatter(_share))
            panel.set_xticks([0, 0.5, 1.0])
        panels[0].set_yticks(range(len(parts)), [f"{part.kind} ({part.questions})" for part in parts])
        panels[0].set_ylim(len(parts) - 0.5, -0.5)

    return _svg("quality", (11.0, 1.2 + 0.34 * len(parts)), draw)


def risk_coverage(points: Sequence[tuple[float, float, float]], chosen: tuple[float, float] | None) -> str:
    """Return the curve of (threshold, coverage, risk); ``chosen`` is where the run stands."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        coverage = [point[1] for point in points]
        risk = [point[2] for point in points]
        axes.step(coverage, risk, where="post", color=BLUE, linewidth=1.8)
        if chosen is not None:
            answered, wrong = (number(100 * share, 0) for share in chosen)
            label = f"denne kørsel: {answered} % besvaret, {wrong} % af dem forkert"
            axes.plot(*chosen, "o", color=ORANGE, markersize=8, label=label)
            axes.legend(frameon=False, loc="upper left")
        axes.set_xlim(0, 1.01)
        axes.set_ylim(0, max([*risk, 0.1]) * 1.3)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.set_xlabel("Dækning: andel af spørgsmålene, der besvares (mest sikre først)")
        axes.set_ylabel("Risiko: andel af dem, der er forkerte")

    return _svg("risk", (7.2, 3.8), draw)


def latency_histogram(latencies: Sequence[float]) -> str:
    """Return how long answers took in ms, with the median and the 95th percentile marked."""
    median, high = (float(np.quantile(latencies, share, method="inverted_cdf")) for share in (0.5, 0.95))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.hist(latencies, bins=30, color=BLUE, alpha=0.8)
        for value, label, colour in ((median, "median", ORANGE), (high, "95 % under", GREY)):
            axes.axvline(value, color=colour, linewidth=1.6, label=f"{label}: {number(value, 1)} ms")
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace(".", ",")))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("Svartid (ms)")
        axes.set_ylabel("Antal spørgsmål")
        axes.legend(frameon=False)

    return _svg("latency", (7.2, 3.2), draw)


def _svg(name: str, size: tuple[float, float], draw: Callable[[Figure], None]) -> str:
    """Return a figure as an element to stand in a page beside others."""
    # The salt makes the ids of clip paths the same whenever the same figure is drawn.
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    markup = buffer.getvalue()
    markup = markup[markup.index("<svg") :]
    markup = re.sub(r"<metadata>.*?</metadata>", "", markup, flags=re.DOTALL)
    return _with_own_ids(markup, name)


def _with_own_ids(markup: str, name: str) -> str:
    """Keep the ids that something refers to, as this figure's own: all figures have the same ones."""
    references = r'(href="#|url\(#)([\w-]+)'
    used = {reference for _, reference in re.findall(references, markup)}
    markup = re.sub(references, rf"\g<1>{name}-\g<2>", markup)

    def kept(match: re.Match[str]) -> str:
        return f' id="{name}-{match[1]}"' if match[1] in used else ""

    return re.sub(r' id="([^"]+)"', kept, markup)


def _share(value: float, _: Any) -> str:
    return number(value, 1 if value % 1 else 0)
