"""The visible part of a PDF page: from the coordinates of the file to those of the page as it is shown."""

from __future__ import annotations

from typing import Any


class PageView:
    """From the coordinates of a file to those of the page as it is shown."""

    def __init__(self, page: Any) -> None:
        """Take the visible part of a ``pypdfium2.PdfPage`` and how it is turned."""
        # The boxes that the library reads singly leave out what a page inherits.
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.rotation = page.get_rotation() % 360
        across, up = self.right - self.left, self.top - self.bottom
        self.width, self.height = (up, across) if self.rotation in (90, 270) else (across, up)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return a point of the file as a point of the page, from its upper left corner."""
        match self.rotation:
            case 90:
                return y - self.bottom, x - self.left
            case 180:
                return self.right - x, y - self.bottom
            case 270:
                return self.top - y, self.right - x
        return x - self.left, self.top - y

    def size(self, direction: int) -> tuple[float, float]:
        """Return width and height of the page turned so that text of ``direction`` stands upright."""
        return (self.height, self.width) if direction in (90, 270) else (self.width, self.height)

    def turned(self, direction: int, x: float, y: float) -> tuple[float, float]:
        """Turn a point of the shown page so that text of ``direction`` stands upright."""
        match direction:
            case 90:
                return y, self.width - x
            case 180:
                return self.width - x, self.height - y
            case 270:
                return self.height - y, x
        return x, y

    def direction(self, a: float, b: float) -> int:
        """Return how text is shown whose baseline runs along (a, b): 0 upright, 90, 180 or 270 degrees."""
        x, y = self.point(a, b)
        zero = self.point(0, 0)
        x, y = x - zero[0], y - zero[1]
        if abs(x) >= abs(y):
            return 0 if x >= 0 else 180
        return 90 if y > 0 else 270
