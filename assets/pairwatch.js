/* What only the browser can do: tell the second, notice a silent server, name the tab, show the page that the address
   names, start a search by typing. Nothing is computed here. */
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  pairwatch: (() => {
    const SILENT_MS = 4000;
    const RETRY_MS = 2000;
    const DIAGNOSTICS = "/diagnostics";
    const RELATION = "/diagnostics/relation";
    const KEPT = 50;
    const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
    let heardAt = Date.now();
    let triedAt = 0;
    let lastFeed = null;
    let name = "";

    const names = (path, page) => (path || "").replace(/\/+$/, "") === page;

    function show(word) {
      document.title = [name, word].filter(Boolean).join(" · ") || "Pairwatch";
    }

    function second(_n, feed) {
      const now = Date.now();
      if (feed !== lastFeed) {
        lastFeed = feed;
        heardAt = now;
      }
      const clock = `${new Date(now).toISOString().slice(11, 19)} UTC`;
      const silent = now - heardAt;
      if (silent < SILENT_MS) return [clock, "", "banner banner--none", same(), same(), same()];
      const told = `No answer from Pairwatch for ${Math.floor(silent / 1000)} s. Everything below is as old as that.`;
      const retry = now - triedAt >= RETRY_MS;
      if (retry) triedAt = now;
      show("NO ANSWER");
      const awake = retry ? false : same();
      return [clock, told, "banner banner--bad banner--lost", awake, awake, awake];
    }

    function title(pair, feed, path) {
      name = names(path, DIAGNOSTICS) ? "Diagnostics" : names(path, RELATION) ? "Relation" : pair || "";
      show(feed && feed.word);
      return same();
    }

    function mark(link, on) { // dcc.Link takes no aria attributes
      const element = document.getElementById(link);
      if (on) element.setAttribute("aria-current", "page");
      else element.removeAttribute("aria-current");
    }

    /* The view stays in the address on the way, and a page that is not seen lets its timer rest. */
    function route(path, search) {
      const data = names(path, DIAGNOSTICS);
      const relation = names(path, RELATION);
      const there = data || relation;
      const link = (on) => (on ? "rail__link rail__link--on" : "rail__link");
      const tab = (on) => (on ? "tabs__tab tabs__tab--on" : "tabs__tab");
      const view = search || "";
      mark("to-pair", !there);
      mark("to-diagnostics", there);
      mark("to-data", data);
      mark("to-relation", relation);
      return [
        there, !there, !data, !relation, data,
        `/${view}`, link(!there),
        `${DIAGNOSTICS}${view}`, link(there),
        `${DIAGNOSTICS}${view}`, tab(data),
        `${RELATION}${view}`, tab(relation),
        `${RELATION}${view}`,
        there ? 2000 : 500,
        data ? -1 : 0,
        relation ? -1 : 0,
      ];
    }

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

    return { second, title, route, loss, exportLink };
  })(),
});

/* The definition of a word: shown above everything else, for a pointer, the keyboard or a finger, and placed where
   there is room. It stays while the pointer is on it; Escape hides it. Dash puts new elements in the place of old ones
   at every answer, so a word that was replaced while it was shown or focused hands both on to its successor. */
(() => {
  const EDGE = 8;
  let shown = null; // the word whose definition is seen
  let focused = null; // the word that has the focus

  const wordOf = (event) => event.target instanceof Element && event.target.closest(".defined");
  const named = (word) => word.getAttribute("aria-describedby");
  const successor = (word) => document.getElementById(named(word))?.closest(".defined");

  function place(word, tip) {
    const at = word.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const below = at.bottom + size.height + EDGE < window.innerHeight;
    tip.style.left = `${Math.max(EDGE, Math.min(at.left, width - size.width - EDGE))}px`;
    tip.style.top = `${below ? at.bottom : Math.max(EDGE, at.top - size.height)}px`;
  }

  function hide() {
    const tip = shown?.querySelector(".tip");
    shown = null;
    if (tip?.matches(":popover-open")) tip.hidePopover();
  }

  function show(word) {
    if (word === shown) return;
    hide();
    const tip = word.querySelector(".tip");
    tip.popover = "manual";
    tip.showPopover();
    shown = word;
    place(word, tip);
  }

  for (const kind of ["pointerover", "click"]) {
    document.addEventListener(kind, (event) => {
      const word = wordOf(event);
      if (word) show(word);
      else if (shown !== focused || kind === "click") hide();
    });
  }
  document.addEventListener("focusin", (event) => {
    focused = wordOf(event) || null;
    if (focused) show(focused);
    else hide();
  });
  document.addEventListener("focusout", () => {
    const left = focused;
    setTimeout(() => { // by then the observer below has handed a replaced word on
      if (!left || focused !== left || document.activeElement === left) return;
      focused = null;
      hide();
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  document.addEventListener("scroll", (event) => {
    if (shown && event.target.contains(shown)) hide();
  }, true);

  new MutationObserver(() => {
    const was = shown;
    if (focused && !focused.isConnected) {
      focused = successor(focused) || null;
      focused?.focus({ preventScroll: true });
      if (!was) hide(); // Escape had hidden it
    }
    if (was && shown === was && !was.isConnected) {
      shown = null;
      const next = successor(was);
      if (next) show(next);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();

/* A menu closes where one clicks beside it, and by Escape, which gives the focus back. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.fit[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.fit[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/* A row's remove button names its symbol; the server does the rest. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unwatch]");
  if (button) window.dash_clientside.set_props("unwatch", { data: { symbol: button.dataset.unwatch, at: Date.now() } });
});

/* A picker opens with its selected symbol focused, where letters do nothing: send them to the search box.
   "/" opens the first picker from anywhere. */
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]):not([readonly]), textarea, select");
    const search = document.querySelector(".dash-dropdown-content input:not([type=radio])");
    if (search && event.target !== search && event.key !== " ") search.focus();
    else if (event.key === "/" && !typing && !search) {
      event.preventDefault();
      if (document.getElementById("controls").hidden) document.getElementById("watch-input").focus();
      else document.getElementById("y-symbol").click();
    }
  },
  true,
);
