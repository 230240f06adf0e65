"""One computation a data version, however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from analytics.analysis import PairAnalysis
from analytics.pair import analyse_pair
from services.answers import Answers, Question
from tests.fakes import FakeClock
from tests.screen_fake import QUERY, FakeDesk

TABS = 8
BEATS = 25


def test_eight_tabs_on_one_view_cost_one_computation_a_version() -> None:
    rows = FakeDesk(400)._rows(QUERY)
    asked: list[int] = []
    held = [0]

    def compute(question: Question, _tests: int) -> PairAnalysis:
        asked.append(held[0])
        return analyse_pair(question.query, rows)

    answers = Answers(FakeClock(), compute, lambda _query: held[0])
    together = Barrier(TABS)

    def tab(_number: int) -> PairAnalysis:
        together.wait(30)
        return answers.now(Question(QUERY))

    with ThreadPoolExecutor(TABS) as tabs:
        for beat in range(BEATS):
            held[0] = beat
            seen = list(tabs.map(tab, range(TABS)))
            assert all(one is seen[0] for one in seen)
    assert asked == list(range(BEATS))
