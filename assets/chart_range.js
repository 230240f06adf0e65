/* Which stretch of time is seen: chosen by hand or preset, held in the address, the same for every pane.
   The choice is kept in UTC ms; what the axis shows is shifted by the model's offset. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const UNITS = { s: 1000, m: 60000, h: 3600000, d: 86400000 };
  const FEWEST_BARS = 8;
  const SMALLEST_MS = 1000;
  const ALL = { kind: "all" };
  const own = () => window.dash_clientside.pairwatch.chart;
  let view = ALL; // or {kind: "span", ms}, {kind: "window", from, to}

  /* "15m" as milliseconds, null for what is no such thing. */
  function spanMs(text) {
    const found = /^([1-9]\d{0,6})([smhd])$/.exec(text || "");
    return found ? Number(found[1]) * UNITS[found[2]] : null;
  }

  function spanText(ms) {
    const unit = ["d", "h", "m", "s"].find((one) => ms % UNITS[one] === 0) || "s";
    return `${Math.max(1, Math.round(ms / UNITS[unit]))}${unit}`;
  }

  const isoText = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");

  /* The part of the axis that is seen, as [from, to] in ms as the axis shows them. */
  function seen(model) {
    if (view.kind === "window") return [view.from + model.offset, view.to + model.offset];
    if (view.kind === "all" || model.last === model.first) return aired(model.first, model.last);
    return [Math.max(model.first, model.last - view.ms), model.last];
  }

  const aired = (from, to) => (to > from ? [from, to] : [from - 30000, to + 30000]);

  /* What was chosen, in its simplest words: all that there is, the newest so-and-so long, or from one moment to another. */
  function chosen(model, from, to) {
    const edge = model.barMs / 2;
    if (to >= model.last - edge) {
      if (from <= model.first + edge) return ALL;
      return { kind: "span", ms: Math.max(SMALLEST_MS, Math.round((model.last - from) / 1000) * 1000) };
    }
    const step = model.barMs >= 1000 ? 1000 : 1;
    const whole = (ms) => Math.round((ms - model.offset) / step) * step;
    return { kind: "window", from: whole(from), to: whole(to) };
  }

  function show(next) {
    view = next;
    written();
    own().repaint("hand");
  }

  /* From one moment of the axis to another: not less than a few bars, not beyond what is held. */
  function showBetween(model, from, to) {
    const least = Math.max(SMALLEST_MS, FEWEST_BARS * model.barMs);
    const wide = Math.min(Math.max(to - from, least), model.last - model.first);
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(middle - wide / 2, model.first), model.last - wide);
    show(chosen(model, start, start + wide));
  }

  /* Nearer or farther about a moment that stays where it is. A chart that follows the market keeps following it. */
  function zoom(model, about, factor) {
    const [from, to] = seen(model);
    const fixed = view.kind !== "window" && factor < 1 && about > from + (to - from) * 0.9 ? to : about;
    showBetween(model, fixed - (fixed - from) * factor, fixed + (to - fixed) * factor);
  }

  /* By so many ms; a chart at the edge of what is held stays there. */
  function pan(model, by) {
    const [from, to] = seen(model);
    const moved = Math.min(Math.max(by, model.first - from), model.last - to);
    if (moved) showBetween(model, from + moved, to + moved);
  }

  function reset() {
    show(ALL);
  }

  function span(text) {
    const ms = spanMs(text);
    show(ms ? { kind: "span", ms } : ALL);
  }

  /* The same width, at the newest data, and going on with them. */
  function newest(model) {
    const [from, to] = seen(model);
    show({ kind: "span", ms: Math.max(SMALLEST_MS, Math.round((to - from) / 1000) * 1000) });
  }

  /* The range's part of an address; written as people read it, with its colons. */
  function rangeText() {
    if (view.kind === "span") return `span=${spanText(view.ms)}`;
    if (view.kind === "window") return `from=${isoText(view.from)}&to=${isoText(view.to)}`;
    return "";
  }

  const unranged = (search) => (search || "").replace(/^\?/, "").split("&").filter((part) => part && !/^(span|from|to)=/.test(part));

  function withRange(search) {
    const parts = [...unranged(search), rangeText()].filter(Boolean);
    return parts.length ? `?${parts.join("&")}` : "";
  }

  /* Into the address without a word to the server, and without a step of the back button. */
  function written() {
    const search = withRange(window.location.search);
    if (search !== window.location.search) window.history.replaceState(window.history.state, "", window.location.pathname + search + window.location.hash);
  }

  function readAddress() {
    const fields = new URLSearchParams(window.location.search);
    const ms = spanMs(fields.get("span"));
    const [from, to] = [fields.get("from"), fields.get("to")].map((text) => Date.parse(text || ""));
    if (ms) view = { kind: "span", ms };
    else if (from < to) view = { kind: "window", from, to };
    else view = ALL;
  }

  const spanName = (now) => (now.kind === "span" ? `span:${spanText(now.ms)}` : now.kind === "all" ? "span:all" : "");
  const rangeNow = () => view;
  const behind = (model) => view.kind === "window" && view.to + model.offset < model.last - model.barMs / 2;

  return { seen, showBetween, zoom, pan, reset, span, newest, written, readAddress, unranged, rangeNow, spanName, behind };
})());
