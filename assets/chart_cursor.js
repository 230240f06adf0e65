/* One line through all panes, its time at the axis, and in each pane's header what the lines say there. It is moved at
   most once a frame and searches the columns; the picture itself is not touched. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const SAY_AFTER_MS = 300; // a key that is held down is not read out bar by bar
  const MINUS = "\u2212";
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const own = () => window.dash_clientside.pairwatch.chart;
  const formats = new Map(); // by number of decimals
  let cursor = null; // {time, top}; top null when keys moved it
  let frame = 0;
  let saying = 0;

  function digits(decimals) {
    if (!formats.has(decimals)) {
      formats.set(decimals, new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
    }
    return formats.get(decimals);
  }

  /* As the cards write it: grouped, with a real minus, and a plus where a sign is told. */
  function written(value, trace) {
    const text = digits(trace.decimals).format(Math.abs(value));
    const zero = !/[1-9]/.test(text);
    const sign = zero ? "" : value < 0 ? MINUS : trace.signed ? "+" : "";
    return `${sign}${text}`;
  }

  const two = (number) => String(number).padStart(2, "0");

  function zoneText(model) {
    if (model.zone === "UTC") return "UTC";
    const minutes = Math.abs(model.offset) / 60000;
    const rest = minutes % 60 ? `:${two(minutes % 60)}` : "";
    return `UTC${model.offset < 0 ? MINUS : "+"}${Math.floor(minutes / 60)}${rest}`;
  }

  function moment(model, time) {
    const at = new Date(time);
    const fraction = model.barMs ? "" : `.${String(at.getUTCMilliseconds()).padStart(3, "0")}`;
    const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}${fraction}`;
    return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${clock} ${zoneText(model)}`;
  }

  /* How far a point speaks for itself: half a bar; a pixel where there are no bars. */
  function near(model) {
    const { from, to, area } = own().placeNow();
    return model.barMs / 2 || (to - from) / area.width;
  }

  const leading = (model) => model.traces.find((trace) => trace.reads && trace.scales) || null;

  /* The bar under the hand; the bare moment where there is none. */
  function snapped(model, time) {
    const lead = leading(model);
    const at = lead ? own().pointAt(lead, time, near(model)) : -1;
    return at < 0 ? time : lead.times[at];
  }

  /* {trace, text, value} of every line that is read, at a moment. "≈" where the point drawn is another bar's: lines of
     very many bars are thinned. */
  function readings(model, time) {
    const read = model.traces.filter((trace) => trace.reads && trace.label).sort((a, b) => b.weight - a.weight);
    return read.map((trace) => {
      const at = own().pointAt(trace, time, near(model));
      if (at < 0) return { trace, value: null, text: "no data" };
      const value = trace.values[at];
      const exact = Math.abs(trace.times[at] - time) <= Math.max(near(model), trace.halfMs);
      return { trace, value, text: `${exact ? "" : "\u2248\u2009"}${candleText(trace, at)}${written(value, trace)}` };
    });
  }

  function candleText(trace, at) {
    if (!trace.candle) return "";
    const { open, high, low } = trace.candle;
    return `O ${written(open[at], trace)} H ${written(high[at], trace)} L ${written(low[at], trace)} C `;
  }

  function hover(time, top) {
    cursor = { time, top };
    if (!frame) frame = requestAnimationFrame(show);
  }

  function leave() {
    cursor = null;
    if (!frame) frame = requestAnimationFrame(show);
  }

  function show() {
    frame = 0;
    const model = own().modelNow();
    const place = own().placeNow();
    const over = own().over();
    const shown = Boolean(cursor && model && place && cursor.time >= place.from && cursor.time <= place.to);
    over.classList.toggle("chart__over--cursor", shown);
    if (!shown) return clear();
    const time = snapped(model, cursor.time);
    const left = Math.round(own().leftOf(time));
    upright(place, left);
    timeLabel(model, place, time, left);
    across(place, model);
    headers(readings(model, time));
    return undefined;
  }

  function upright({ area }, left) {
    Object.assign(own().part("cross").style, { transform: `translateX(${left}px)`, top: `${area.top}px`, height: `${area.height}px` });
  }

  function timeLabel(model, { area }, time, left) {
    const label = own().part("cross__time");
    label.textContent = moment(model, time);
    label.style.top = `${area.top + area.height + 3}px`;
    label.style.left = `${Math.min(Math.max(left, area.left + 66), area.left + area.width - 66)}px`;
    const told = own().part("cross__told");
    const inside = model.stretches.filter(([from, to]) => time >= from + model.offset && time <= to + model.offset);
    told.textContent = inside.map((stretch) => stretch[3]).join(" · ");
    told.hidden = !inside.length;
    told.style.top = `${area.top + area.height - 3}px`;
    if (!inside.length) return;
    told.style.maxWidth = `${area.width}px`;
    const half = told.offsetWidth / 2;
    told.style.left = `${Math.min(Math.max(left, area.left + half), area.left + area.width - half)}px`;
  }

  /* The height of the hand, told on its pane's axis; keys have no height. */
  function across({ area }, model) {
    const pane = cursor.top === null ? null : own().paneAt(cursor.top);
    const level = own().part("cross__level");
    level.hidden = !(pane && pane.range);
    if (level.hidden) return;
    const { trace } = pane;
    Object.assign(level.style, { transform: `translateY(${Math.round(cursor.top)}px)`, left: `${area.left}px`, width: `${area.width}px` });
    level.dataset.value = written(own().valueAt(pane, cursor.top), { ...trace, decimals: pane.name === "zscore" ? 2 : trace.decimals });
  }

  /* Spans are made once for the lines there are, and then only their text changes. */
  function headers(read) {
    for (const header of document.querySelectorAll(".pane__header[data-pane]")) {
      const mine = read.filter((one) => one.trace.pane === header.dataset.pane);
      const box = header.querySelector(".pane__cursor");
      header.classList.toggle("pane__header--cursor", mine.length > 0);
      const key = mine.map((one) => `${one.trace.label}${one.trace.colour}`).join("|");
      if (box.dataset.key !== key) {
        const title = header.querySelector("strong")?.textContent;
        box.replaceChildren(...mine.map(({ trace }) => span(trace, trace.label === title ? "" : `${trace.label} `)));
        box.dataset.key = key;
      }
      mine.forEach((one, i) => {
        const value = box.children[i].lastChild;
        if (value.textContent !== one.text) value.textContent = one.text;
        value.classList.toggle("pane__none", one.value === null);
      });
    }
  }

  function span(trace, label) {
    const box = document.createElement("span");
    const mark = document.createElement("i");
    mark.style.background = trace.colour;
    box.append(mark, label, document.createElement("b"));
    box.className = "pane__at";
    return box;
  }

  function clear() {
    for (const header of document.querySelectorAll(".pane__header--cursor")) header.classList.remove("pane__header--cursor");
  }

  /* The keys of the chart: by bars, and never off the picture. */
  function watchKeys(surface) {
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    surface.addEventListener("keydown", (event) => {
      const model = own().modelNow();
      if (!model || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in steps) step(model, steps[event.key] * (event.shiftKey ? 10 : 1));
      else if (event.key === "Home" || event.key === "End") edge(model, event.key === "End");
      else if (event.key === "Escape" && cursor) leave();
      else return;
      event.preventDefault();
    });
    surface.addEventListener("blur", leave);
  }

  /* The points that stand for something: a break in the line is stepped over. */
  const solid = (lead, at, way) => {
    let i = at;
    while (i >= 0 && i < lead.times.length && !Number.isFinite(lead.values[i])) i += way;
    return i;
  };

  function step(model, by) {
    const lead = leading(model);
    const { from, to } = own().placeNow();
    if (!cursor || cursor.time < from || cursor.time > to) return edge(model, by < 0);
    const here = own().firstFrom(lead.times, snapped(model, cursor.time));
    const way = Math.sign(by);
    const at = solid(lead, Math.min(Math.max(here + by, 0), lead.times.length - 1), way);
    if (at < 0 || at >= lead.times.length) return undefined;
    const time = lead.times[at];
    if (time < from) own().pan(model, time - from);
    else if (time > to) own().pan(model, time - to);
    return move(model, time);
  }

  function edge(model, atEnd) {
    const lead = leading(model);
    const { from, to } = own().placeNow();
    const first = own().firstFrom(lead.times, from);
    const last = own().firstFrom(lead.times, to + 0.5) - 1;
    const at = atEnd ? solid(lead, last, -1) : solid(lead, first, 1);
    if (at >= 0 && at < lead.times.length) move(model, lead.times[at]);
  }

  function move(model, time) {
    hover(time, null);
    clearTimeout(saying);
    saying = setTimeout(() => {
      const told = readings(model, time).map(({ trace, text }) => `${trace.label} ${text}`);
      document.getElementById("chart-said").textContent = `${moment(model, time)}: ${told.join("; ")}`;
    }, SAY_AFTER_MS);
  }

  const placeCursor = () => {
    if (cursor && !frame) frame = requestAnimationFrame(show);
  };
  const cursorNow = () => cursor;

  return { hover, leave, placeCursor, watchKeys, cursorNow, readings, snapped, written, moment };
})());
