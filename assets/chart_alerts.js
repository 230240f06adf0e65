/* Alerts on the chart: made from a point of it, from the cursor or a level that was moved, and the marks of what an alert
   would have done. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const OFFERED_MS = 10000;
  // What a pane's height is a level of, and its decimals.
  const METRICS = { zscore: ["zscore", 2], spread: ["spread", 4], correlation: ["correlation", 3], hedge: ["beta", 4] };
  const NAMES = { zscore: "z", spread: "the spread", correlation: "the correlation", beta: "the hedge ratio" };
  const own = () => window.dash_clientside.pairwatch.chart;
  let marks = []; // {at, z, side} of the alert in the form
  let offering = 0;

  const begin = (facts) => window.pairwatch.askOfAlerts("new", { begin: facts });

  /* What a crossing of this height would be, seen from where the line stands now. */
  function crossing(pane, value) {
    const [metric, decimals] = METRICS[pane];
    const threshold = Number(value.toFixed(decimals));
    const model = own().modelNow();
    const now = own().readings(model, model.last).find((one) => one.trace.pane === pane && one.value !== null);
    const up = pane === "zscore" && threshold !== 0 ? threshold > 0 : !now || threshold >= now.value;
    return { metric, operator: up ? "crosses_above" : "crosses_below", threshold, leave: null };
  }

  const written = (value) => String(value).replace("-", "\u2212");

  /* For the menu at the pointer. value: the height within the pane. */
  function alertChoices(pane, value) {
    if (!(pane in METRICS) || value === null || value === undefined) return [];
    const facts = crossing(pane, value);
    const choices = [[`Alert when ${NAMES[facts.metric]} crosses ${written(facts.threshold)} …`, () => begin(facts)]];
    const size = Math.abs(facts.threshold);
    if (pane === "zscore" && size > 0) {
      choices.push([`Alert at ±${size} …`, () => begin({ metric: "zscore", operator: "abs>=", threshold: size, leave: null })]);
    }
    return choices;
  }

  /* By the key: at the cursor's z-score where there is a cursor, else as a form that nobody has touched. */
  function alertAtCursor() {
    const model = document.querySelector(".shell--pair") && own().modelNow();
    const cursor = model && own().cursorNow();
    const read = cursor && own().readings(model, cursor.time).find((one) => one.trace.pane === "zscore");
    if (read && read.value !== null) begin(crossing("zscore", read.value));
    else window.pairwatch.askOfAlerts("new");
  }
  window.dash_clientside.pairwatch.alertAtCursor = alertAtCursor;

  /* A level that was moved can be an alert: for a while, beside what the chart tells. */
  function offerAlert(level, levels) {
    if (level === "exit") return;
    const home = document.getElementById("chart-told");
    const threshold = Number(levels[level].toFixed(2));
    const leave = level === "entry" ? Number(levels.exit.toFixed(2)) : null;
    const offer = window.pairwatch.fields.button(`Alert at ±${threshold.toFixed(2)} …`, () => {
      home.replaceChildren();
      begin({ metric: "zscore", operator: "abs>=", threshold, leave });
    }, "chart__offer");
    home.replaceChildren(offer);
    clearTimeout(offering);
    offering = setTimeout(() => offer.isConnected && home.replaceChildren(), OFFERED_MS);
  }

  /* Where the alert in the form would have fired, if its pair is the chart's. */
  function showFirings(told) {
    marks = told.filter((one) => one.z !== null);
    if (own().placeNow()) placeFirings();
  }

  function placeFirings() {
    const layer = own().part("chart__fired");
    const pane = own().placeNow().panes.find((one) => one.name === "zscore");
    if (!pane || !pane.range) {
      layer.replaceChildren();
      return;
    }
    const { from, to } = own().placeNow();
    const seen = marks.map((one) => ({ ...one, time: window.pairwatch.zone.toShown(one.at) }))
      .filter((one) => one.time >= from && one.time <= to);
    layer.replaceChildren(...seen.map((one) => {
      const sign = document.createElement("span");
      sign.className = `fired fired--${one.z >= 0 ? "above" : "below"}`;
      const top = Math.min(Math.max(own().topOf(pane, one.z), pane.top), pane.bottom);
      sign.style.transform = `translate(${own().leftOf(one.time)}px, ${top}px)`;
      return sign;
    }));
  }

  return { alertChoices, offerAlert, showFirings, placeFirings };
})());
