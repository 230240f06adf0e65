/* All that is known of Plotly and of Dash's Graph: where the picture stands on the screen, and how a new one is shown. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const GRAPH = "chart";
  const LATEST_MS = 2000; // a picture that is not told as drawn by then is taken as drawn
  const known = new WeakSet();
  let told = () => {};
  let drawn = () => {};

  const plot = () => document.querySelector(`#${GRAPH} .js-plotly-plot`);

  /* Plotly reads numbers and dates in the zone of the machine. This one is the same in every zone; a text would be too,
     but takes Plotly a fifth of its time to read. */
  class Moment extends Date {
    getTimezoneOffset() { return 0; }
    getMinutes() { return this.getUTCMinutes(); }
    getSeconds() { return this.getUTCSeconds(); }
    getMilliseconds() { return this.getUTCMilliseconds(); }
  }
  const text = (ms) => new Date(ms).toISOString().slice(0, 23);
  const dated = new WeakMap(); // the same column is the same moments

  function dates(column) {
    if (!ArrayBuffer.isView(column)) return column;
    if (!dated.has(column)) dated.set(column, Array.from(column, (ms) => (Number.isNaN(ms) ? null : new Moment(ms))));
    return dated.get(column);
  }

  /* Called whenever the picture or its size has changed, however that came. */
  function whenDrawn(listener) {
    told = listener;
  }

  function listen() {
    const figure = plot();
    if (!figure || !figure.on || known.has(figure)) return Boolean(figure && figure.on);
    known.add(figure);
    figure.on("plotly_afterplot", () => {
      drawn();
      told();
    });
    return true;
  }

  /* Show the model with these ranges, in one go: Plotly.relayout would make Dash 4.4.1 draw a second time. The promise
     is kept once it is on the screen. */
  function paint(model, [from, to], ranges) {
    const layout = { ...model.layout, xaxis: { ...model.layout.xaxis, autorange: false, range: [text(from), text(to)] } };
    layout.annotations = []; // they are tags, see chart_tags.js
    for (const [axis, range] of Object.entries(ranges)) layout[axis] = { ...layout[axis], autorange: false, range };
    const data = model.data.map((trace) => ({ ...trace, x: dates(trace.x) }));
    return new Promise((resolve) => {
      const latest = setTimeout(resolve, LATEST_MS);
      drawn = () => {
        clearTimeout(latest);
        resolve();
      };
      show(data, layout);
      waitForPlot();
    });
  }

  /* Dash's Graph brings Plotly and shows the first picture. Every later one goes to Plotly itself: through Dash it would
     be one more change of which all components are asked. */
  function show(data, layout) {
    if (known.has(plot())) window.Plotly.react(plot(), data, layout);
    else window.dash_clientside.set_props(GRAPH, { figure: { data, layout } });
  }

  /* Before Plotly has come there is nothing to listen to, and its first picture may be on the screen already. */
  function waitForPlot() {
    if (listen()) return;
    const observer = new MutationObserver(() => {
      if (!listen()) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        drawn();
        told();
      });
    });
    observer.observe(document.getElementById(GRAPH), { childList: true, subtree: true, attributes: true });
  }

  /* The plotting area within `frame`, in px; null while there is none. */
  function area(frame) {
    const figure = plot();
    const size = figure && figure._fullLayout && figure._fullLayout._size;
    if (!size) return null;
    const own = figure.getBoundingClientRect();
    const outer = frame.getBoundingClientRect();
    if (!own.width) return null;
    return { left: own.left - outer.left + size.l, top: own.top - outer.top + size.t, width: size.w, height: size.h };
  }

  return { paint, area, whenDrawn };
})());
