"""What a scrape of ``/metrics`` says, read as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


class Scraped:
    """The samples of one scrape."""

    def __init__(self, page: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(page)}
        self._values = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        """The value of one sample, ``None`` where there is none of these labels."""
        return self._values.get((name, tuple(sorted(labels.items()))))

    def words(self) -> set[str]:
        """Every value of every label."""
        return {value for _, labels in self._values for _, value in labels}
