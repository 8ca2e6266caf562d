"""Print the files of the tests that failed when they were last run, one a line, in the order of their names."""

import json
from pathlib import Path

LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def failed_files(path: Path = LAST_FAILED) -> list[str]:
    """Return the files of the tests that pytest has on its list of failures; none where there is no list."""
    if not path.exists():
        return []
    return sorted({test.partition("::")[0] for test in json.loads(path.read_text(encoding="utf-8"))})


if __name__ == "__main__":
    print("\n".join(failed_files()), end="")
