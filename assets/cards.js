/* The right column: how often its costs are asked for, and the verdict unfolded. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const EVERY_S = 2;

  /* With every other second that the server tells: a silent server is not asked, and an unseen page asks nothing. */
  function costsBeat(feed, query, page, last) {
    if (!query || !feed || page !== "pair") return window.dash_clientside.no_update;
    const beat = Math.floor(feed.second / EVERY_S);
    const same = last && last.query === query && last.beat === beat;
    return same ? window.dash_clientside.no_update : { query, beat };
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(".card__unfold");
    if (!button) return;
    const unfolded = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(unfolded));
    button.closest(".card").toggleAttribute("data-unfolded", unfolded);
  });

  return { costsBeat };
})());
