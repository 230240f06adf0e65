/* The watchlist beside the chart: writes the rows into its table, in place. An order once shown stays while somebody
   points at the list or has the focus in it, so that no row slips away under a finger. */
window.pairwatch = window.pairwatch || {};
window.pairwatch.watchlist = (() => {
  const glances = window.pairwatch.glances;
  const sparkline = window.pairwatch.sparkline;
  const ORDER_MS = 5000; // a list sorted by what moves is put in order anew no more often
  const KEPT = "pairwatch-watch-sort"; // by what, which way, and whether p stands in the place of q
  const LONG = 10; // letters of a name, from where on it is written smaller
  const lines = new Map(); // by key: the row's elements
  let sort = kept();
  let filter = "";
  let orderedAt = 0;
  let order = [];
  let shown = null; // the pairs, in the user's own order, and which of them are pinned
  let present = null; // said by a click at once, by the server a moment later
  let focusKey = null; // the one row that Tab reaches

  function kept() {
    try {
      return { by: null, down: true, p: false, ...JSON.parse(localStorage.getItem(KEPT) || "{}") };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { by: null, down: true, p: false };
    }
  }

  const element = (id) => document.getElementById(id);

  function write(cell, words) {
    if (cell.textContent !== words) cell.textContent = words;
  }

  function attribute(target, name, value) {
    if (value === null) target.removeAttribute(name);
    else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
  }

  /* By what a column is sorted: z by its size, because both sides are worth a look; unknown comes last. */
  function weight(row, by) {
    if (by === "q" && sort.p) return row.p;
    if (by === "z") return row.z === null ? null : Math.abs(row.z);
    return row[by];
  }

  function compared(one, other) {
    if (one.pinned !== other.pinned) return one.pinned ? -1 : 1;
    if (!sort.by) return 0;
    const [a, b] = [weight(one, sort.by), weight(other, sort.by)];
    if (a === null || b === null) return (a === null) - (b === null);
    const rises = typeof a === "string" ? a.localeCompare(b) : a - b;
    return sort.down ? -rises : rises;
  }

  function matches(row) {
    const words = filter.toUpperCase().split(/[\s/,-]+/).filter(Boolean);
    const text = `${row.pair} ${row.symbols} ${row.settings}`.toUpperCase();
    return words.every((word) => text.includes(word));
  }

  function ordered() {
    return glances.all().filter(matches).sort(compared).map((row) => row.key);
  }

  /* Whether somebody is about to press or read a row: then the order stays. */
  function busy(home) {
    return home.matches(":hover") || home.contains(document.activeElement);
  }

  function made(key) {
    const tr = document.createElement("tr");
    tr.className = "watch__row";
    tr.dataset.key = key;
    tr.tabIndex = -1;
    const cells = {};
    for (const name of ["pair", "z", "spark", "half_life", "q", "clean"]) {
      const cell = document.createElement(name === "pair" ? "th" : "td");
      if (name === "pair") cell.scope = "row";
      cell.className = `watch__${name}`;
      tr.append(cell);
      cells[name] = cell;
    }
    cells.pin = button("pin", "Pin");
    cells.name = document.createElement("span");
    cells.name.className = "watch__pairname";
    cells.pair.append(cells.pin, cells.name);
    cells.arrow = document.createElement("span");
    cells.arrow.setAttribute("aria-hidden", "true");
    cells.figure = document.createElement("span");
    cells.z.append(cells.arrow, cells.figure);
    cells.picture = sparkline.blank();
    cells.remove = button("remove", "Remove");
    cells.told = document.createElement("span"); // over the picture: how old it is, or why there is none
    cells.spark.append(cells.picture, cells.told, cells.remove);
    cells.sign = document.createElement("span");
    cells.sign.setAttribute("aria-hidden", "true");
    cells.test = document.createElement("span");
    cells.said = document.createElement("span");
    cells.said.className = "unseen";
    cells.q.append(cells.sign, cells.test, cells.said);
    cells.pie = document.createElement("span");
    cells.pie.setAttribute("aria-hidden", "true");
    cells.quality = document.createElement("span");
    cells.quality.className = "unseen";
    cells.clean.append(cells.pie, cells.quality);
    return { tr, cells };
  }

  function button(does, word) {
    const pressed = document.createElement("button");
    pressed.type = "button";
    pressed.tabIndex = -1;
    pressed.className = `watch__do watch__do--${does}`;
    pressed.dataset.row = does;
    pressed.dataset.word = word;
    return pressed;
  }

  /* How old the data of a stale row are. */
  function age(row) {
    return row.heard === null ? "no data yet" : `${glances.span(glances.now() - row.heard)} old`;
  }

  const FINE = ["LIVE", "BACKFILLING", "FINISHED"];

  function fill({ tr, cells }, row) {
    const here = row.key === (present ?? glances.head.present);
    const outside = row.since !== null;
    const stale = row.stale;
    tr.className = `watch__row${here ? " watch__row--here" : ""}${stale ? " watch__row--stale" : ""}${row.pinned ? " watch__row--pinned" : ""}`;
    attribute(tr, "aria-selected", String(here));
    write(cells.name, row.pair);
    cells.name.classList.toggle("watch__pairname--long", row.pair.length > LONG);
    attribute(cells.pair, "title", `${row.pair} · ${row.settings}`);
    attribute(cells.pin, "aria-pressed", String(row.pinned));
    attribute(cells.pin, "aria-label", `${row.pinned ? "Unpin" : "Pin"} ${row.pair}`);
    attribute(cells.remove, "aria-label", `Remove ${row.pair} from the list`);
    cells.z.className = `watch__z${outside ? " watch__z--beyond" : ""}${row.z === null ? " watch__none" : ""}`;
    cells.arrow.className = outside ? `arrow arrow--${row.z > 0 ? "up" : "down"}` : "";
    write(cells.figure, row.z_t);
    sparkline.draw(cells.picture, row.spark);
    explain(cells, row);
    write(cells.half_life, row.half_life_t);
    cells.sign.className = `sign sign--${row.shape} tone--${row.tone}`;
    write(cells.test, sort.p ? row.p_t : row.q_t);
    write(cells.said, `, ${row.headline}`);
    attribute(cells.q, "title", row.headline);
    quality(cells, row);
  }

  /* Where there is no z the reason stands in the place of all further cells; an old row says how old it is. */
  function explain(cells, row) {
    const why = row.why !== null;
    write(cells.told, why ? row.why : row.stale ? age(row) : "");
    cells.told.className = why ? "watch__why" : "watch__age";
    attribute(cells.told, "title", why ? row.why : null);
    cells.picture.toggleAttribute("hidden", why);
    cells.spark.colSpan = why ? 4 : 1;
    for (const cell of [cells.half_life, cells.q, cells.clean]) cell.hidden = why;
  }

  /* A full circle is a leg pair that trades in every bar; a feed that is not well shows its own shape. */
  function quality(cells, row) {
    const well = FINE.includes(row.state);
    const share = Math.round((row.clean ?? 0) * 100);
    cells.pie.className = well ? "pie" : `sign sign--${row.state_shape} tone--${row.state_tone}`;
    cells.pie.style.setProperty("--share", `${share}%`);
    const words = [row.state, row.clean === null ? null : `${row.clean_t} of the bars clean`, row.stale ? age(row) : null];
    const told = words.filter(Boolean).join(", ");
    write(cells.quality, told);
    attribute(cells.clean, "title", told);
  }

  function place(home) {
    const wanted = order.map((key) => lines.get(key)).filter(Boolean).map((line) => line.tr);
    const focused = document.activeElement;
    const had = home.contains(focused);
    wanted.forEach((tr, i) => {
      if (home.children[i] !== tr) home.insertBefore(tr, home.children[i] || null);
    });
    while (home.children.length > wanted.length) home.lastChild.remove();
    if (had && focused !== document.activeElement && home.contains(focused)) focused.focus({ preventScroll: true });
    if (had && !home.contains(focused)) (home.querySelector("tr[tabindex='0']") || home.querySelector("tr"))?.focus();
  }

  function reach() {
    if (!order.includes(focusKey)) focusKey = order.includes(glances.head.present) ? glances.head.present : order[0];
    for (const [key, { tr }] of lines) {
      const on = key === focusKey ? 0 : -1;
      tr.tabIndex = on;
      for (const one of tr.querySelectorAll("button")) one.tabIndex = on;
    }
  }

  function empty(home) {
    const none = glances.head.list !== null && order.length === 0;
    const words = filter && glances.all().length ? "No pair of this list matches." : "This list is empty: add the pair shown.";
    attribute(home.closest(".watch__scroll"), "data-none", none ? words : null);
  }

  /* now: put the rows in order whatever happens. */
  function show({ now = false } = {}) {
    const home = element("list-rows");
    if (!home) return;
    const rows = glances.all();
    const members = rows.map((row) => `${row.key} ${row.pinned}`).join("\n");
    const fresh = members !== shown; // what the user changes is seen at once, whatever points at the list
    shown = members;
    for (const row of rows) {
      if (!lines.has(row.key)) lines.set(row.key, made(row.key));
      fill(lines.get(row.key), row);
    }
    for (const key of lines.keys()) if (!glances.row(key)) lines.delete(key);
    if (now || fresh || (Date.now() - orderedAt > ORDER_MS && !busy(home))) {
      order = ordered();
      orderedAt = Date.now();
      place(home);
      reach();
      empty(home);
    }
    head();
  }

  function head() {
    for (const one of document.querySelectorAll("[data-sort]")) {
      const by = one.dataset.sort;
      attribute(one.closest("th"), "aria-sort", sort.by === by ? (sort.down ? "descending" : "ascending") : "none");
      if (by === "q") write(one.firstChild, sort.p ? "p" : "q");
    }
    write(element("list-p"), sort.p ? "Show q instead of p" : "Show p instead of q");
    lists();
    const there = glances.row(glances.head.present) !== undefined;
    element("list-add").disabled = there;
    write(element("list-add"), there ? "Added" : "Add");
  }

  function lists() {
    const chooser = element("list-name");
    const names = glances.head.lists;
    if (chooser.options.length !== names.length || names.some((name, i) => chooser.options[i].value !== name)) {
      chooser.replaceChildren(...names.map((name) => new Option(name, name)));
    }
    if (document.activeElement !== chooser && glances.head.list !== null) chooser.value = glances.head.list;
  }

  function change(more) {
    sort = { ...sort, ...more };
    localStorage.setItem(KEPT, JSON.stringify(sort));
    show({ now: true });
  }

  /* The largest first (names from A, p from the smallest), then the other way, then the user's own order. */
  function sortBy(by) {
    const first = by === "z" || by === "clean";
    if (sort.by !== by) change({ by, down: first });
    else if (sort.down === first) change({ by, down: !first });
    else change({ by: null, down: true });
  }

  glances.onRows(() => {
    if (present === glances.head.present) present = null;
    show();
  });
  glances.onSecond(() => {
    present = null; // the server has had the time to say which it is
    show();
  });

  return {
    show, sortBy,
    toggleP: () => change({ p: !sort.p }),
    filterBy: (words) => { filter = words; show({ now: true }); },
    order: () => order,
    line: (key) => lines.get(key)?.tr,
    reachFor: (key) => { focusKey = key; reach(); },
    here: (key) => { present = key; show(); },
  };
})();
