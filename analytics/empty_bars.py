"""Bars in which a leg did not trade, and what they do to the correlation of returns."""

from __future__ import annotations

from analytics.definition import Definition

EMPTY_SHARE = Definition(
    name="Empty bars",
    line="Part of the bars in which a leg did not trade. Above 10 % the correlation of returns shows far too little.",
    formula="1 - bars with a trade / bars from the first row to the last, for each leg.",
    conventions="Not given on `tick`. The warning comes where a leg is above 10 %.",
    source="Epps (1979), Journal of the American Statistical Association 74, 291-298.",
    checked_against="Simulated trades at random moments: a true correlation of 0.80 shows as 0.64 with 0.7 % of empty "
    "bars in each leg, 0.49 with 10 %, 0.44 with 14 %, 0.29 with 37 % (each within 0.02).",
    limits="A price that is carried forward through an empty bar has a return of 0, and the missed move falls into a "
    "later bar than the other leg's. Leaving such bars out helps only partly; longer bars help.",
)

_TOO_MANY = 0.10


def empty_bars_warning(y_empty_share: float | None, x_empty_share: float | None) -> str | None:
    """The sentence to show when more than a tenth of the bars are empty in a leg, else None.

    Shares from 0 to 1, as in `PairAnalysis`; None where the rows are not bars.

    >>> empty_bars_warning(0.05, 0.37)
    'Leg x did not trade in 37% of the bars: returns on them correlate far less than the legs do; choose longer bars.'
    >>> empty_bars_warning(0.05, 0.02), empty_bars_warning(None, None)
    (None, None)
    """
    shares = {"Leg y": y_empty_share, "Leg x": x_empty_share}
    sparse = [f"{leg} did not trade in {share:.0%}" for leg, share in shares.items() if share and share > _TOO_MANY]
    if not sparse:
        return None
    legs = ", ".join(sparse).replace(", Leg", ", leg")
    return f"{legs} of the bars: returns on them correlate far less than the legs do; choose longer bars."
