"""Given to a worker to load before all else: the program is not installed there."""

import sys

sys.modules["assistant"] = None  # type: ignore[assignment]
