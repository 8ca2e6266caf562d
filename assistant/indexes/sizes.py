"""From which numbers of passages on an index does what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of passages.

    Up to ``score_all_up_to`` every passage is scored, in one piece in memory, which is written again as a whole with
    each change. Up to ``every_one_up_to`` each is a candidate too, so nothing is lost before fusion; where more are in
    one piece, as versions before wrote up to 20,000, the best by each signal are. Larger ones are segments on the
    disk: up to ``exact_up_to`` vectors of one are compared with a question exactly, more by their bits first; none is
    made larger than ``segment_rows``, so that it is built in little memory. Once there are more than ``small_ones`` of
    up to ``small_up_to`` passages, a change merges some: as many as have ``merged_at_once`` passages together, or four
    times as many as it adds. Few segments are searched sooner than many.
    """

    every_one_up_to: int = 5_000
    score_all_up_to: int = 5_000
    exact_up_to: int = 5_000
    small_up_to: int = 50_000
    segment_rows: int = 250_000
    merged_at_once: int = 5_000
    small_ones: int = 3


STANDARD = Sizes()
