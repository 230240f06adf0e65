/* Held still or moving, following the market or not: the signs and buttons that say it, and what they do. */
Object.assign(window.dash_clientside.pairwatch, (() => {
  const SIGN_AFTER_MS = 1000; // a drag that is over at once needs no sign
  const own = () => window.dash_clientside.pairwatch.chart;
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
  let since = null; // when the user held the chart still
  let handSince = null; // when a hand came to work on it
  let ticking = 0;

  const sign = () => document.getElementById("chart-paused");

  /* The server holds chart and read-outs while the store says since when. */
  function togglePause() {
    window.dash_clientside.set_props("paused", { data: since ? null : Date.now() });
  }

  function pause(told) {
    since = told || null;
    for (const button of document.querySelectorAll('[data-chart="pause"]')) button.setAttribute("aria-pressed", String(Boolean(since)));
    clearInterval(ticking);
    if (since) ticking = setInterval(tell, 1000);
    tell();
    return same();
  }

  const agoText = (ms) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`;
  };

  function tell() {
    const held = handSince && Date.now() - handSince >= SIGN_AFTER_MS;
    const from = since || (held ? handSince : null);
    const words = from ? `${agoText(Date.now() - from)} ago` : "";
    if (!from) return sign().replaceChildren();
    if (!sign().firstChild) {
      sign().append(document.createElement("strong"), document.createElement("span"));
      sign().firstChild.textContent = "PAUSED";
      sign().lastChild.setAttribute("aria-hidden", "true"); // a second hand need not be read out
    }
    sign().lastChild.textContent = words;
    return undefined;
  }

  function handAt(work) {
    handSince = work ? Date.now() : null;
    if (since) return;
    clearInterval(ticking);
    if (work) ticking = setInterval(tell, SIGN_AFTER_MS / 2);
    tell();
  }

  /* What of the picture is not the newest, and which preset is in force. */
  function placeSigns(model) {
    const button = document.getElementById("chart-newest");
    button.hidden = !own().behind(model);
    const view = own().rangeNow();
    for (const preset of document.querySelectorAll('[data-chart^="span:"]')) {
      const on = preset.dataset.chart === own().spanName(view);
      if (preset.getAttribute("aria-pressed") !== String(on)) preset.setAttribute("aria-pressed", String(on));
    }
    const empty = own().part("chart__empty");
    const [from, to] = own().seen(model);
    const nothing = to < model.first || from > model.last;
    const held = `${own().moment(model, model.first)} to ${own().moment(model, model.last)}`;
    const words = nothing ? `No data in this range. The chart holds ${held}.` : "";
    if (empty.textContent !== words) empty.textContent = words;
  }

  const resetZoom = () => own().reset();
  const chartSpan = (text) => own().span(text);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart]");
    if (!button) return;
    const [word, span] = button.dataset.chart.split(":");
    if (word === "span") chartSpan(span);
    else if (word === "reset") resetZoom();
    else if (word === "pause") togglePause();
    else if (word === "newest") own().newest(own().modelNow());
  });

  Object.assign(window.dash_clientside.pairwatch.chart, { placeSigns, handAt });
  return { pause, togglePause, resetZoom, chartSpan };
})());
