/* The keyboard: acts upon the table of layouts/keys.py. Never while something is typed, a dialog is open or a menu is
   worked; a letter that is no key begins the symbol search. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const WAITS_MS = 2000; // for the second key of two
  const FIELDS = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]";
  const WORKED = "[role=menu], [role=listbox], [role=slider], details[open] > :not(summary)";
  const PRESSED = "button, a, summary, [role=button], [role=tab], input";
  const LETTER = /^\p{L}$/u;
  const house = () => window.dash_clientside.pairwatch;
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run

  let rows = [];
  let begun = null; // the first key of two
  let timer = 0;
  let byPointer = true; // how the focus came to where it is

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function group(where, table) {
    const list = table.filter((row) => row.where === where).flatMap((row) => [
      element("dt", "", ...row.caps.flatMap((cap) => [element("kbd", "key", cap), " "])),
      element("dd", "", row.what),
    ]);
    return element("section", "keys__group", element("h3", "panel__title", where), element("dl", "", ...list));
  }

  /* The lists of the sheet and of Help are drawn here: Dash asks each of its components at every update. */
  function keys(table) {
    rows = table.filter((row) => row.does.length);
    const places = [...new Set(table.map((row) => row.where))];
    for (const box of document.querySelectorAll(".keys")) {
      box.replaceChildren(...places.map((where) => group(where, table)));
    }
    return same();
  }

  const DOES = {
    call: (name) => house()[name](),
    click: (id) => document.getElementById(id).click(),
    set: (id, value) => window.dash_clientside.set_props(id, { value }),
    go: (path) => house().goTo(path),
    open: (id) => document.getElementById(id).showModal(),
  };

  /* A page that shows no pair does nothing with the keys of a pair. */
  function works(row) {
    const { classList } = document.getElementById("shell");
    return !row.pages || row.pages.some((name) => classList.contains(`shell--${name}`));
  }

  function hint(first) {
    const line = document.getElementById("key-hint");
    const choices = rows.filter((row) => row.keys.length === 2 && row.keys[0] === first);
    line.replaceChildren();
    for (const row of first ? choices : []) {
      line.append(element("span", "", element("kbd", "key", row.keys[1]), ` ${row.what}`));
    }
  }

  function begin(first) {
    clearTimeout(timer);
    begun = first;
    hint(first);
    if (first) timer = setTimeout(() => begin(null), WAITS_MS);
  }

  /* Space and letters belong to whatever is worked with them. A button that was only clicked is not: its focus is left
     over from the mouse. */
  function taken(event) {
    const on = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
    if (document.querySelector("dialog[open]") || on.closest(FIELDS) || on.closest(WORKED)) return true;
    return event.key === " " && !byPointer && on.closest(PRESSED) !== null;
  }

  function rowFor(pressed) {
    const found = rows.find((row) => row.keys.join(" ") === pressed.join(" "));
    return found && works(found) ? found : null;
  }

  function act(event, row) {
    event.preventDefault();
    begin(null);
    const [verb, ...rest] = row.does;
    DOES[verb](...rest);
  }

  function press(event) {
    const letter = LETTER.test(event.key);
    const key = letter ? event.key.toLowerCase() : event.key;
    const second = begun && rowFor([begun, key]);
    if (second) return act(event, second);
    if (begun) begin(null);
    const row = letter && event.shiftKey ? null : rowFor([key]);
    if (row) return act(event, row);
    if (letter && !event.shiftKey && rows.some((one) => one.keys.length === 2 && one.keys[0] === key)) return begin(key);
    if (!letter || event.repeat) return undefined;
    event.preventDefault();
    return house().openSearch(key);
  }

  document.addEventListener("pointerdown", () => { byPointer = true; }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab" || event.key.startsWith("Arrow")) byPointer = false;
    if (event.key === "Escape") begin(null);
    if (event.key.length === 1 && !taken(event)) press(event);
  });

  return { keys };
})());
