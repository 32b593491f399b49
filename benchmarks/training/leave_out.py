"""Leave-one-site-out: every page is answered by a model that was trained without any page of its site."""

from __future__ import annotations

from dataclasses import dataclass

from training.fit import fit
from training.questions import ORIGINAL, Question, Sample

# Sites are left out in so many groups: each model lacks the sites of one group.
GROUPS = 12


@dataclass(slots=True)
class Result:
    """What a model that had not seen the site chose: how right it is, with which score and lead over the second."""

    sample: Sample
    right: float
    score: float
    chosen: int

    @property
    def is_original(self) -> bool:
        return self.sample.variant == ORIGINAL


def site_groups(samples: list[Sample], count: int = GROUPS) -> list[set[str]]:
    """Return the sites in groups of about as many pages, the same each time."""
    sizes: dict[str, int] = {}
    for sample in samples:
        sizes[sample.page.site] = sizes.get(sample.page.site, 0) + 1
    groups: list[set[str]] = [set() for _ in range(min(count, len(sizes)))]
    loads = [0] * len(groups)
    for site in sorted(sizes, key=lambda site: (-sizes[site], site)):
        place = loads.index(min(loads))
        groups[place].add(site)
        loads[place] += sizes[site]
    return groups


def left_out(question: Question, samples: list[Sample]) -> list[Result]:
    """Return the result of every sample, in their order."""
    found: dict[int, Result] = {}
    for sites in site_groups(samples):
        trained = fit(question, [sample for sample in samples if sample.page.site not in sites])
        for place, sample in enumerate(samples):
            if sample.page.site in sites:
                scores = trained.scores(sample.rows)
                chosen = max(range(len(scores)), key=scores.__getitem__) if scores else -1
                right = sample.right[chosen] if scores else 0.0
                found[place] = Result(sample, right, scores[chosen] if scores else float("-inf"), chosen)
    return [found[place] for place in range(len(samples))]
