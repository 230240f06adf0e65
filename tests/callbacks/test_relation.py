"""The Relation page's callback: what it asks for, and what it sends."""

from __future__ import annotations

from analytics.errors import StoreError
from analytics.market import PairQuery
from layouts import ids
from tests.callbacks.browser import Page, opened
from tests.screen_fake import FakeDesk

VIEW = f"{ids.QUERY}.data"
PATH = f"{ids.PAGE}.data"
RELATED = f"{ids.RELATED}.data"
TABLE = f"{ids.RELATION_TABLE}.tree"
HEAD = f"{ids.RELATION_HEAD}.tree"
PLOTS = [f"{name}.figure" for name in (
    ids.RESIDUAL_PLOT, ids.RATIO_PLOT, ids.PVALUE_PLOT, ids.SCATTER_PLOT, ids.ACF_PLOT, ids.QQ_PLOT,
)]  # fmt: skip


def seen(tab: Page, search: str = "") -> dict[str, object]:
    tab.props[f"{ids.URL}.search"] = search
    tab.change(None, output=VIEW)
    return tab.change(PATH, "diagnostics", output=RELATED)


def beat(tab: Page) -> dict[str, object]:
    return tab.change(f"{ids.RELATE_TIMER}.n_intervals", 1, output=RELATED)


def is_patch(figure: object) -> bool:
    return "__dash_patch_update" in str(figure)[:40]


def test_on_other_pages_nothing_is_studied(tab: Page, desk: FakeDesk) -> None:
    tab.change(None, output=VIEW)
    for path in ("pair", "data", None):
        assert tab.change(PATH, path, output=RELATED) == {}
    assert desk.studied == 0


def test_the_first_answer_draws_every_plot_whole_and_the_table(tab: Page) -> None:
    told = seen(tab)
    assert all(told[name]["data"] for name in PLOTS)  # type: ignore[index]
    assert "Johansen trace, r = 0" in str(told[TABLE])
    assert "BTCUSDT on ETHUSDT" in str(told[HEAD])


def test_nothing_is_studied_or_sent_while_the_version_stands(tab: Page, desk: FakeDesk) -> None:
    seen(tab)
    assert beat(tab) == {}
    assert tab.sizes[-1] < 60
    assert desk.studied == 1


def test_a_newer_version_patches_every_plot(tab: Page, desk: FakeDesk) -> None:
    seen(tab)
    desk.held += 5
    told = beat(tab)
    assert all(is_patch(told[name]) for name in PLOTS)
    assert desk.studied == 2


def test_another_view_draws_anew(tab: Page) -> None:
    seen(tab)
    tab.change(f"{ids.HEDGE}.value", "kalman", output=VIEW)
    told = tab.change(VIEW, tab.props[VIEW], output=RELATED)
    assert not any(is_patch(told[name]) for name in PLOTS)
    assert "Kalman · price" in str(told[HEAD])


def test_the_pair_of_the_address_is_studied(tab: Page) -> None:
    assert "ETHUSDT on BTCUSDT" in str(seen(tab, "?pair=ETHUSDT-BTCUSDT")[HEAD])


def test_its_timer_stands_still_while_an_answer_is_on_its_way(tab: Page) -> None:
    (spec,) = [one for one in tab.app._callback_list if RELATED in one["output"]]
    assert ids.RELATE_TIMER in str(spec["running"])


def test_while_it_is_seen_the_heartbeat_draws_no_pair_but_tells_the_age(tab: Page) -> None:
    seen(tab)
    told = tab.change(f"{ids.PULSE}.n_intervals", 1, output=f"{ids.VERSION}.data")
    assert f"{ids.VERSION}.data" not in told
    assert "old" in str(told[f"{ids.RELATION_AGE}.tree"])


def test_a_market_that_cannot_be_read_is_a_sentence() -> None:
    class Unreadable(FakeDesk):
        def live(self, query: PairQuery) -> object:  # type: ignore[override]
            raise StoreError("the database cannot be read (disk I/O error)")

    with opened(Unreadable()) as tab:
        assert seen(tab) == {HEAD: "the database cannot be read (disk I/O error)"}
