/* What hands do with the watchlist: open, sort, filter, pin, add, remove, undo; lists made, named and deleted. */
(() => {
  const OPEN_AFTER_MS = 180; // an arrow held down walks on; the pair is opened where it comes to rest
  const pairwatch = window.pairwatch;
  let opening = null;

  const list = () => pairwatch.watchlist;
  const typed = (id) => document.getElementById(id).value.trim();

  function open(key, wait = 0) {
    clearTimeout(opening);
    list().here(key);
    opening = setTimeout(() => pairwatch.openRow(key), wait);
  }

  function walk(key, step) {
    const order = list().order();
    const at = order.indexOf(key);
    const next = order[step === "first" ? 0 : step === "last" ? order.length - 1 : at + step];
    if (next === undefined) return;
    list().reachFor(next);
    list().line(next).focus();
    open(next, OPEN_AFTER_MS);
  }

  const KEYS = {
    ArrowDown: (key) => walk(key, 1),
    ArrowUp: (key) => walk(key, -1),
    Home: (key) => walk(key, "first"),
    End: (key) => walk(key, "last"),
    Enter: (key) => open(key),
    Delete: (key) => pairwatch.askOfList("remove", { key }),
    Backspace: (key) => pairwatch.askOfList("remove", { key }),
    f: (key) => pairwatch.askOfList("pin", { key }),
  };

  const ACTS = {
    add: () => pairwatch.askOfList("add"),
    create: () => pairwatch.askOfList("create", { name: typed("list-new-name") }),
    rename: () => pairwatch.askOfList("rename", { name: typed("list-new-name") }),
    delete: () => pairwatch.askOfList("delete"),
    p: () => list().toggleP(),
    undo: (pressed) => pairwatch.askOfList("undo", { removal: Number(pressed.dataset.removal) }),
  };

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const head = event.target.closest("[data-sort]");
    const act = event.target.closest("[data-watch]");
    const row = event.target.closest(".watch__row");
    if (head) list().sortBy(head.dataset.sort);
    else if (act) ACTS[act.dataset.watch](act);
    else if (row) {
      const key = row.dataset.key;
      const inside = event.target.closest("[data-row]");
      list().reachFor(key);
      if (inside) pairwatch.askOfList(inside.dataset.row, { key });
      else {
        row.focus({ preventScroll: true });
        open(key);
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    const row = event.target instanceof Element && event.target.closest(".watch__row");
    const does = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!row || !does || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("[data-row]") && event.key === "Enter") return; // the button itself is pressed
    event.preventDefault();
    event.stopPropagation();
    does(row.dataset.key);
  }, true);

  document.addEventListener("input", (event) => {
    if (event.target.id === "list-filter") list().filterBy(event.target.value);
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "list-name") {
      window.dash_clientside.set_props("watchlist", { data: event.target.value });
      event.target.blur(); // the keys are the page's again
    }
  });

  /* The menu opens with the name of the list, ready to be changed. */
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.(".watch__menu[open]")) return;
    const name = document.getElementById("list-new-name");
    name.value = "";
    name.placeholder = pairwatch.glances.head.list || "";
    name.focus();
  }, true);

  /* What came of it, with its undo, until the next thing is done. */
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, {
    listDone(done) {
      const home = document.getElementById("list-told");
      if (done) {
        home.replaceChildren(document.createTextNode(done.told));
        home.classList.toggle("watch__told--wrong", done.wrong);
        if (done.removal !== null) {
          const undo = document.createElement("button");
          undo.type = "button";
          undo.className = "watch__button";
          undo.textContent = "Undo";
          undo.dataset.watch = "undo";
          undo.dataset.removal = done.removal;
          home.append(undo);
        }
        if (!done.wrong) document.querySelector(".watch__menu").open = false;
      }
      return window.dash_clientside.no_update;
    },
  });
})();
