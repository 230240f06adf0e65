/* The Data page and the notice of losses: what they do in the browser. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const KEPT = 50;
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run

  /* A notice stays closed for the very holes that were understood, in this browser. */
  function loss(key, _clicks, _read, closed) {
    const known = Array.isArray(closed) ? closed : [];
    const pressed = window.dash_clientside.callback_context.triggered_id === "loss-close";
    const now = pressed && key ? [...known.filter((one) => one !== key), key].slice(-KEPT) : known;
    const shown = Boolean(key) && !now.includes(key);
    return [shown ? "banner banner--bad banner--loss" : "banner banner--none", pressed ? now : same()];
  }

  function exportLink(symbol, timeframe, limit) {
    const typed = (limit || "").trim();
    const wrong = typed !== "" && !/^0*[1-9]\d*$/.test(typed);
    const rows = typed && !wrong ? `&limit=${typed}` : "";
    return [`/api/data/export?symbol=${encodeURIComponent(symbol)}&timeframe=${timeframe}${rows}`, wrong];
  }

  /* Every listed symbol, offered where one is typed. Plain elements: Dash asks each of its components at every update. */
  function listedOptions(listed) {
    const options = (listed || []).map(([symbol]) => {
      const option = document.createElement("option");
      option.value = symbol;
      return option;
    });
    document.getElementById("watch-listed").replaceChildren(...options);
    return same();
  }

  return { loss, exportLink, listedOptions };
})());

/* A row's remove button names its symbol; the server does the rest. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unwatch]");
  if (button) window.dash_clientside.set_props("unwatch", { data: { symbol: button.dataset.unwatch, at: Date.now() } });
});
