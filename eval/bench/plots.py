"""The plots of docs/performance.md, as SVG files drawn from the committed results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from eval.bench.cli import STAGE_LABELS
from eval.plots import BLUE, GREY, ORANGE

SEARCH_TARGET_MS = 60.0
MEMORY_TARGET_MB = 4000.0
SYSTEMS = {"assistant": "Assistenten", "txtai": "txtai, hybrid", "langchain": "LangChain, FAISS + BM25"}
_GREEN, _LILAC = "#2f7d4f", "#7a4f9a"
_COLOURS = {"embed": GREY, "search": BLUE, "fuse": ORANGE, "answer": _GREEN}
_STYLE: Any = {
    "svg.fonttype": "path",
    "svg.hashsalt": "performance",
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e7ec",
}


def draw_growth(sizes: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Draw time by stage beside bare FAISS and bm25s, and memory and files, by the number of passages."""

    def draw(figure: Figure) -> None:
        times, room = figure.subplots(1, 2, width_ratios=(3, 2))
        n = [one["passages"] for one in sizes]
        for stage in ("search", "fuse", "answer"):
            values = [one["ask"]["stages_ms"][stage]["p50"] for one in sizes]
            times.plot(n, values, "o-", color=_COLOURS[stage], label=STAGE_LABELS[stage])
        for key, label, style in (
            ("flat_ms", "FAISS alene, alle sammenlignet", "--"),
            ("inverted_ms", "FAISS alene, inverteret fil", "-."),
            ("bm25s_ms", "bm25s alene", ":"),
        ):
            held = [(one["passages"], one["bare"][key]["p50"]) for one in sizes if key in one["bare"]]
            if held:
                times.plot(*zip(*held, strict=True), style, color=_LILAC, label=label)
        times.axhline(SEARCH_TARGET_MS, color="#b00020", linewidth=1)
        times.annotate("mål for søgning: 60 ms", (n[0], SEARCH_TARGET_MS), (0, 3), textcoords="offset points")
        times.set(xscale="log", yscale="log", xlabel="tekststykker", ylabel="ms, median")
        times.legend(frameon=False, fontsize=8)
        for key, label, colour in (("own", "egen hukommelse", BLUE), ("resident", "i alt, med filer", GREY)):
            values = [one["ask"]["whole_memory_megabytes"][key] for one in sizes]
            room.plot(n, values, "o-", color=colour, label=label)
        files = [one["build"]["megabytes"] for one in sizes]
        room.plot(n, files, "s--", color=ORANGE, label="filer på disken")
        room.axhline(MEMORY_TARGET_MB, color="#b00020", linewidth=1)
        room.annotate(
            "mål for hukommelse: 4 GB", (n[0], MEMORY_TARGET_MB), (0, 3), textcoords="offset points"
        )
        room.set(xscale="log", yscale="log", xlabel="tekststykker", ylabel="MB")
        room.legend(frameon=False, fontsize=8, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        for axes in (times, room):
            axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
            axes.yaxis.set_major_formatter(FuncFormatter(_thousands))

    _save((11.0, 4.4), draw, file)


def draw_stages(stages: Mapping[str, Any], file: Path) -> None:
    """Draw where the milliseconds of a warm question go."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        left = 0.0
        for name, of in stages["by_stage"].items():
            label = f"{STAGE_LABELS[name]}: {_decimal(of['p50'])} ms"
            axes.barh([0], [of["p50"]], left=left, color=_COLOURS[name], label=label)
            left += of["p50"]
        axes.set_yticks([])
        axes.set_xlabel("ms, medianer af trinene")
        axes.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))

    _save((9.0, 2.2), draw, file)


def draw_peers(sets: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Draw quality of the product and its peers, a panel a set."""

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(sets), sharey=True, squeeze=False)[0]
        for axes, one in zip(panels, sets, strict=True):
            for at, (system, label) in enumerate(SYSTEMS.items()):
                values = [one["systems"][system][key] for key in ("hit@1", "recall@5", "mrr")]
                places = [place + (at - 1) * 0.27 for place in range(3)]
                bars = axes.bar(places, values, 0.25, color=(BLUE, ORANGE, GREY)[at], label=label)
                axes.bar_label(bars, [_decimal(value, 2) for value in values], fontsize=7)
            axes.set_xticks(range(3), ["hit@1", "recall@5", "MRR"])
            axes.set_title(
                f"{one['name']}\n{one['queries']} spørgsmål, {one['passages']} tekststykker", fontsize=9
            )
            axes.set_ylim(0, 1.08)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _decimal(value)))
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False
        )

    _save((3.4 * len(sets) + 0.6, 3.6), draw, file)


def _save(size: tuple[float, float], draw: Callable[[Figure], None], file: Path) -> None:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")


def _decimal(value: float, decimals: int = 1) -> str:
    return f"{value:.{decimals}f}".replace(".", ",")


def _thousands(value: float, _: Any = None) -> str:
    return f"{value:,.0f}".replace(",", ".") if value >= 1 else f"{value:g}".replace(".", ",")
