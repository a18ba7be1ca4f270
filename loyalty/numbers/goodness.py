"""Whether prizes come as often as published: a test that stays right however often, and whenever, somebody looks.

The test compares the likelihood of the draws under a mixture of other tables of odds with that under the published one. While the
published odds are the true ones, this ratio is a martingale with mean 1, so the chance that it ever reaches 1 / FALSE_ALARM, in
however many draws, is at most FALSE_ALARM (Ville's inequality). It is exact for any number of draws and for the rarest prize; no
cells need to be pooled.
"""

from collections.abc import Sequence
from math import exp, inf, lgamma, log
from typing import Final

PPM: Final = 1_000_000
FALSE_ALARM: Final = 1e-6
"""The chance that a fair table of odds is ever called unfair, in its whole life."""
LIMIT: Final = -log(FALSE_ALARM)
CONCENTRATIONS: Final = (10, 100, 1_000, 10_000)
"""The other tables are Dirichlet-distributed around the published one: far from it (10) to near it (10,000), in equal parts."""


def evidence(odds_ppm: Sequence[int], drawn: Sequence[int]) -> float:
    """The natural logarithm of the likelihood ratio against the published odds; infinite if what cannot come was drawn.

    `drawn` has how often each prize of the table came, in the order of `odds_ppm`.
    """
    if any(times and not ppm for ppm, times in zip(odds_ppm, drawn, strict=True)):
        return inf
    cells = [(ppm / PPM, times) for ppm, times in zip(odds_ppm, drawn, strict=True) if ppm]
    ratios = [_log_ratio(cells, concentration) for concentration in CONCENTRATIONS]
    most = max(ratios)
    return most + log(sum(exp(one - most) for one in ratios) / len(ratios))


def _log_ratio(cells: Sequence[tuple[float, int]], concentration: float) -> float:
    """The log-likelihood of the draws under the Dirichlet-multinomial law, less that under the published odds."""
    draws = sum(times for _, times in cells)
    ratio = lgamma(concentration) - lgamma(concentration + draws)
    for share, times in cells:
        ratio += lgamma(concentration * share + times) - lgamma(concentration * share) - times * log(share)
    return ratio
