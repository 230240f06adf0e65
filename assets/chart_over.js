/* The layer over the chart: where the panes stand in it, and everything placed anew when the picture has changed. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const own = () => window.dash_clientside.pairwatch.chart;
  let place = null; // {area, from, to, panes} of the picture that is on the screen
  let started = false;

  const over = () => document.getElementById("chart-over");
  const surface = () => document.getElementById("chart-surface");
  const part = (name) => over().querySelector(`.${name}`);

  /* Once, when there is a first drawing: the page is whole by then. */
  function start() {
    if (started) return;
    started = true;
    own().whenDrawn(arrange);
    own().watchHands(over(), surface());
    own().watchKeys(surface());
    own().watchLevels(over());
    own().watchMenu(over(), surface());
    new ResizeObserver(arrange).observe(over());
  }

  /* Measure once a picture; everything that follows the pointer reads what was measured. */
  function arrange() {
    const model = own().modelNow();
    const area = model && own().area(over());
    if (!area) return;
    const [from, to] = own().seen(model);
    const ranges = own().heights(model, from, to);
    place = { area, from, to, panes: model.panes.map((pane) => paneOf(model, area, ranges, pane)) };
    Object.assign(surface().style, { left: `${area.left}px`, top: `${area.top}px`, width: `${area.width}px`, height: `${area.height}px` });
    own().placeTags(model, place, ranges);
    own().placeCursor();
    own().placeLevels();
    own().placeSigns(model);
    own().placeFirings();
  }

  function paneOf(model, area, ranges, [name, bottom, top]) {
    const main = model.traces.find((trace) => trace.pane === name && trace.scales && trace.reads);
    return {
      name,
      top: area.top + area.height * (1 - top),
      bottom: area.top + area.height * (1 - bottom),
      trace: main || null,
      range: (main && ranges[main.axis]) || null,
    };
  }

  const placeNow = () => place;
  const timeAt = (left) => place.from + ((left - place.area.left) / place.area.width) * (place.to - place.from);
  const leftOf = (time) => place.area.left + ((time - place.from) / (place.to - place.from)) * place.area.width;
  const paneAt = (top) => place.panes.find((pane) => top >= pane.top && top <= pane.bottom) || null;
  const valueAt = (pane, top) => pane.range[1] - ((top - pane.top) / (pane.bottom - pane.top)) * (pane.range[1] - pane.range[0]);
  const topOf = (pane, value) => pane.top + ((pane.range[1] - value) / (pane.range[1] - pane.range[0])) * (pane.bottom - pane.top);

  /* Where a pointer is within the layer, in px. */
  function spot(event) {
    const box = over().getBoundingClientRect();
    return { left: event.clientX - box.left, top: event.clientY - box.top };
  }

  return { start, arrange, over, surface, part, placeNow, timeAt, leftOf, paneAt, valueAt, topOf, spot };
})());
