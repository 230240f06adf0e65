/* The pairs of the list that are at their entry level or beyond: below the list, beside the chart, in the tab's title
   and on its icon. A level is no alert: nothing was ordered, nothing is sent. */
window.pairwatch = window.pairwatch || {};
(() => {
  const glances = window.pairwatch.glances;
  let text = "Pairwatch";
  let shown = -1;
  let fires = 0; // alerts that fire now: they come before pairs at a level
  let plain = null; // the icon as the page came with it

  function named() {
    const count = fires ? `(${fires} firing) ` : shown > 0 ? `(${shown}) ` : "";
    document.title = `${count}${text}`;
  }

  /* The one way to name the tab: the count of pairs at a level stands before it. */
  window.pairwatch.titled = (words) => {
    text = words;
    named();
  };

  /* How many alerts fire now. */
  window.pairwatch.firing = (count) => {
    if (count === fires) return;
    fires = count;
    named();
    icon();
  };

  const colour = (role) => getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim();

  /* A square counts what fires, a circle the pairs at a level. */
  function icon() {
    const count = fires || Math.max(shown, 0);
    const link = document.querySelector("link[rel=icon]");
    if (!link) return;
    plain = plain || link.getAttribute("href");
    if (!count) {
      link.href = plain;
      return;
    }
    const word = count > 9 ? "9+" : String(count);
    const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
      <rect width="32" height="32" rx="7" fill="${colour("panel")}"/>
      <path d="M3 21 10 12 16 18 27 6" fill="none" stroke="${colour("y")}" stroke-width="3"/>
      ${fires ? `<rect x="10" y="10" width="22" height="22" rx="3" fill="${colour("bad")}"/>`
        : `<circle cx="21" cy="21" r="11" fill="${colour("mind")}"/>`}
      <text x="21" y="27" font-family="sans-serif" font-size="${word.length > 1 ? 13 : 17}" font-weight="700"
        text-anchor="middle" fill="${colour("ground")}">${word}</text></svg>`;
    link.href = `data:image/svg+xml,${encodeURIComponent(drawn)}`;
  }

  function told(row) {
    const side = row.z > 0 ? "above" : "below";
    const long = `${row.at_least ? "≥ " : ""}${glances.span(glances.now() - row.since)}`;
    return { side, long, words: `${row.pair}, z ${row.z_t}, ${side} the entry level for ${long}` };
  }

  function item(row) {
    const made = document.createElement("li");
    const link = document.createElement("button");
    link.type = "button";
    link.className = "levels__pair";
    for (const part of ["arrow", "name", "z", "long"]) {
      const span = document.createElement("span");
      span.className = `levels__${part}`;
      link.append(span);
    }
    made.append(link);
    made.dataset.key = row.key;
    return made;
  }

  function write(element, words) {
    if (element.textContent !== words) element.textContent = words;
  }

  function fill(made, row) {
    const { side, long, words } = told(row);
    const link = made.firstChild;
    const [arrow, pair, z, time] = link.children;
    arrow.className = `levels__arrow arrow arrow--${side === "above" ? "up" : "down"}`;
    write(pair, row.pair);
    write(z, row.z_t);
    write(time, long);
    made.classList.toggle("levels--stale", row.stale);
    if (link.getAttribute("aria-label") !== words) link.setAttribute("aria-label", words);
  }

  function list(rows) {
    const home = document.getElementById("levels");
    if (!home) return;
    const known = new Map([...home.querySelectorAll("li[data-key]")].map((one) => [one.dataset.key, one]));
    const wanted = rows.map((row) => known.get(row.key) || item(row));
    rows.forEach((row, i) => fill(wanted[i], row));
    if (!rows.length) {
      const none = document.createElement("li");
      none.className = "levels__none";
      none.textContent = glances.head.list === null ? "" : `No pair beyond z ±${glances.head.entry.toFixed(2)}.`;
      if (home.children.length !== 1 || home.textContent !== none.textContent) home.replaceChildren(none);
    } else if (wanted.length !== home.children.length || wanted.some((one, i) => one !== home.children[i])) {
      const focused = document.activeElement;
      home.replaceChildren(...wanted);
      if (home.contains(focused)) focused.focus({ preventScroll: true });
    }
    write(document.getElementById("levels-count"), rows.length ? String(rows.length) : "");
  }

  /* The present pair's line in the right column. */
  function beside() {
    const card = document.getElementById("at-level");
    if (!card) return;
    const row = glances.row(glances.head.present);
    const at = row && row.since !== null ? told(row) : null;
    write(card, at ? `Beyond entry: ${row.pair} ${row.z_t}, ${at.long}` : "");
  }

  function show() {
    const rows = glances.beyond();
    list(rows);
    beside();
    if (rows.length === shown) return;
    shown = rows.length;
    named();
    icon();
  }

  glances.onRows(show);
  glances.onSecond(show);
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("#levels li[data-key]");
    if (chosen) window.pairwatch.openRow(chosen.dataset.key);
  });
})();
