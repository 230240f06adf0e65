/* The grid of all pairs: its cells, and its rows moved one by one, so that sort, filter and selection stay. */
window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
  /* z counts by its size, both sides being worth a look; what is unknown comes last whichever way. */
  watchOrder(a, b, _one, _other, falls) {
    if (a === null || b === null) {
      const last = (a === null) - (b === null);
      return falls ? -last : last;
    }
    return a - b;
  },
  watchOrderZ(a, b, one, other, falls) {
    const size = (z) => (z === null ? null : Math.abs(z));
    return window.dashAgGridFunctions.watchOrder(size(a), size(b), one, other, falls);
  },
  /* The words that the quick filter finds a pair by. */
  watchNothing: () => "",
  watchWords: (params) => `${params.data.pair} ${params.data.symbols} ${params.data.settings} ${params.data.verdict}`,
});

window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, (() => {
  const make = (...parts) => window.React.createElement(...parts);

  function sign(shape, tone) {
    return make("span", { className: `sign sign--${shape} tone--${tone}`, "aria-hidden": true });
  }

  function WatchPair({ data }) {
    const pin = data.pinned ? make("span", { className: "watchgrid__pin" }, "pinned") : null;
    return make("span", { className: "watchgrid__pair" }, data.pair, pin);
  }

  function WatchNumber({ data, colDef }) {
    const field = colDef.field;
    const beyond = field === "z" && data.since !== null;
    const arrow = beyond ? make("span", { className: `arrow arrow--${data.z > 0 ? "up" : "down"}`, "aria-hidden": true }) : null;
    const look = [data[field] === null ? "watch__none" : "", beyond ? "watchgrid__beyond" : "", data.stale ? "watchgrid__stale" : ""];
    return make("span", { className: look.join(" ").trim() || null, title: data[field] === null ? data.why : null }, arrow, data[`${field}_t`]);
  }

  function WatchSpark({ data }) {
    const { path, WIDTH, HEIGHT } = window.pairwatch.sparkline;
    if (data.why !== null) return null; // the verdict's cell says why
    return make(
      "svg",
      {
        className: `spark${data.stale ? " watchgrid__stale" : ""}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none", "aria-hidden": true,
      },
      make("line", { className: "spark__zero", x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2 }),
      make("path", { className: "spark__line", d: path(data.spark) }),
    );
  }

  function WatchVerdict({ data }) {
    return make("span", null, sign(data.shape, data.tone), data.why ?? data.verdict);
  }

  function WatchState({ data }) {
    if (data.state === null) return make("span", { className: "watch__none" }, "—");
    const old = data.stale && data.heard !== null
      ? ` · ${window.pairwatch.glances.span(window.pairwatch.glances.now() - data.heard)} old` : "";
    return make("span", null, sign(data.state_shape, data.state_tone), data.state, old);
  }

  return { WatchPair, WatchNumber, WatchSpark, WatchVerdict, WatchState };
})());

(() => {
  const ROWS = "watch-grid-rows";
  const NARROW = window.matchMedia("(width < 700px)");
  const WIDE_ONLY = ["spark", "p", "half_life", "correlation", "beta", "clean", "state", "settings"];
  const widths = (pair, z, q) => Object.entries({ pair, z, q }).map(([key, newWidth]) => ({ key, newWidth }));
  const NARROW_WIDTHS = widths(122, 68, 70); // the verdict takes the rest
  const WIDE_WIDTHS = widths(142, 84, 86);
  const glances = window.pairwatch.glances;
  let grid = null; // its interface, once it stands
  let asked = false;
  const known = new Map(); // what the grid shows, by key

  const seen = () => document.querySelector(".shell--watchlist") !== null;

  /* Only what has changed, by key: nothing else of the grid moves. */
  function move() {
    if (!grid || !seen()) return;
    const rows = glances.all();
    const now = new Set(rows.map((row) => row.key));
    const change = { add: [], update: [], remove: [] };
    for (const row of rows) {
      if (!known.has(row.key)) change.add.push(row);
      else if (known.get(row.key) !== row) change.update.push(row);
    }
    for (const [key, row] of known) if (!now.has(key)) change.remove.push(row);
    if (change.add.length || change.update.length || change.remove.length) grid.applyTransaction(change);
    known.clear();
    for (const row of rows) known.set(row.key, row);
    if (rows.some((row) => row.stale)) grid.refreshCells({ columns: ["state"], force: true }); // its age goes on
    note(rows.length);
  }

  function note(count) {
    const words = `${glances.head.list ?? ""} · ${count} ${count === 1 ? "pair" : "pairs"}`;
    const home = document.getElementById("grid-note");
    if (home.textContent !== words) home.textContent = words;
  }

  function narrow() {
    grid?.setColumnsVisible(WIDE_ONLY, !NARROW.matches);
    grid?.setColumnWidths(NARROW.matches ? NARROW_WIDTHS : WIDE_WIDTHS);
  }

  function stand(api) {
    grid = api;
    known.clear();
    grid.addEventListener("cellClicked", ({ data }) => window.pairwatch.openRow(data.key));
    grid.addEventListener("cellKeyDown", ({ data, event }) => {
      if (event.key === "Enter") window.pairwatch.openRow(data.key);
    });
    narrow();
    filter();
    move();
  }

  /* The grid is put into its page when that is first seen. */
  function look() {
    if (!grid && !asked && document.getElementById(ROWS)) {
      asked = true;
      window.dash_ag_grid.getApiAsync(ROWS).then(stand);
    }
    move();
  }

  function filter() {
    const words = document.getElementById("grid-filter").value;
    grid?.setGridOption("quickFilterText", words.replace(/[/,-]+/g, " "));
  }

  NARROW.addEventListener("change", narrow);
  glances.onRows(look);
  glances.onSecond(look);
  document.addEventListener("input", (event) => {
    if (event.target.id === "grid-filter") filter();
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("button")?.id === "grid-csv") grid?.exportDataAsCsv();
  });
})();
