/* The symbol search: one box over everything that the exchange lists. Which pairs are meant says matching.js. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
  const RECENT = 12;
  const EMPTY_GROUP = 8;
  const TOLD_MS = 4000;
  const TONES = ["good", "plain", "mind", "bad"];
  const house = () => window.dash_clientside.pairwatch;
  const part = (name) => document.getElementById(name);

  let facts = { listed: [], states: {}, favourites: [], recent: [], view: "" };
  let options = []; // the elements of the list, in order
  let active = 0;
  let fading = 0;

  const presentPair = () => new URLSearchParams(facts.view).get("pair") || "";
  const pinned = () => new Set(facts.favourites.filter((one) => one.pinned).map((one) => one.pair));

  /* Where everything comes from. Runs whenever one of them changes. */
  function searchFacts(listed, states, favourites, recent, view) {
    facts = {
      listed: listed || [],
      states: states || {},
      favourites: favourites || [],
      recent: recent || [],
      view: view || "",
    };
    if (part("search").open) draw({ keep: true });
    return same();
  }

  function remember(view, recent) {
    const pair = new URLSearchParams(view || "").get("pair");
    const known = Array.isArray(recent) ? recent : [];
    if (!pair || known[0] === pair) return same();
    return [pair, ...known.filter((one) => one !== pair)].slice(0, RECENT);
  }

  /* Another pair in the same view. A ratio that was fixed belongs to the pair that it was fixed for. */
  function openPair(pair) {
    const fields = new URLSearchParams(facts.view);
    if (fields.get("pair") !== pair && fields.get("hedge") === "fixed") {
      fields.delete("hedge");
      fields.delete("ratio");
    }
    const here = new URLSearchParams(window.location.search);
    // The view names every level; those that the address leaves to the preferences are left to them again.
    for (const level of ["entry", "exit", "stop"]) if (!here.has(level)) fields.delete(level);
    if (here.has("span")) fields.set("span", here.get("span")); // the newest so many minutes, of whatever pair
    fields.set("pair", pair);
    openView(`?${fields}`);
  }

  /* A page that shows no pair gives way to the one that does. */
  function openView(search) {
    const bare = part("shell").classList.contains("shell--bare");
    window.dash_clientside.set_props("url", bare ? { pathname: "/", search } : { search });
  }

  /* Another page without loading it anew: "/help#term-half-life". The view stays in the address. */
  function goTo(place) {
    const [pathname, hash] = place.split("#");
    window.dash_clientside.set_props("url", { pathname, hash: hash ? `#${hash}` : "" });
  }

  function element(kind, classes, text) {
    const made = document.createElement(kind);
    if (classes) made.className = classes;
    if (text) made.textContent = text;
    return made;
  }

  function mark(shape, tone) {
    const made = element("span", `sign sign--${shape} ${tone}`);
    made.setAttribute("aria-hidden", "true");
    return made;
  }

  /* The worse of both legs, once both are watched. */
  function quality(legs) {
    const known = legs.map((leg) => facts.states[leg]);
    if (known.some((one) => !one)) return null;
    return known.reduce((worst, one) => (TONES.indexOf(one[1]) > TONES.indexOf(worst[1]) ? one : worst));
  }

  function option(pair, at) {
    const legs = pair.split("-");
    const state = quality(legs);
    const favourite = pinned().has(pair);
    const row = element("div", "search__option");
    row.id = `search-option-${at}`;
    row.dataset.pair = pair;
    row.setAttribute("role", "option");
    const words = [legs.join(" / ")];
    for (const [leg, shape, side] of [[legs[0], "circle", "y"], [legs[1], "square", "x"]]) {
      const name = element("span", "search__leg");
      name.append(mark(shape, `leg--${side}`), leg);
      row.append(name);
    }
    const told = element("span", `search__state tone--${state ? state[1] : "plain"}`);
    if (state) told.append(mark(state[2], ""), state[0].toLowerCase());
    if (state) words.push(state[0].toLowerCase());
    if (pair === presentPair()) words.push("shown now");
    const now = element("span", "search__now", pair === presentPair() ? "shown now" : "");
    const star = element("span", `search__star${favourite ? " search__star--on" : ""}`);
    star.title = favourite ? "Remove from the favourites" : "Add to the favourites";
    star.setAttribute("aria-hidden", "true"); // what it does is said by the label, and done by the key *
    if (favourite) words.push("favourite");
    row.setAttribute("aria-label", words.join(", "));
    row.append(now, told, star);
    return row;
  }

  /* Nothing is typed: what one comes back to. */
  function atRest() {
    const listsOf = (on) => facts.favourites.filter((one) => one.pinned === on).map((one) => one.pair);
    return {
      told: "",
      groups: house().pairsOnce([
        { title: "Favourites", pairs: listsOf(true) },
        { title: "Recent", pairs: facts.recent.filter((pair) => pair !== presentPair()).slice(0, EMPTY_GROUP) },
        { title: "Watchlists", pairs: listsOf(false).slice(0, EMPTY_GROUP) },
      ]),
    };
  }

  function answer(typed) {
    const known = [...facts.favourites.map((one) => one.pair), ...facts.recent];
    const found = house().pairsFor(typed, facts.listed, presentPair().split("-"), known);
    return found || atRest();
  }

  function draw({ keep = false } = {}) {
    const { told, groups } = answer(part("search-input").value);
    const before = options[active]?.dataset.pair;
    options = [];
    const drawn = groups.map(({ title, pairs }) => {
      const group = element("div", "search__group");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", title);
      const head = element("div", "search__title", title);
      head.setAttribute("aria-hidden", "true");
      group.append(head, ...pairs.map((pair) => {
        const row = option(pair, options.length);
        options.push(row);
        return row;
      }));
      return group;
    });
    part("search-list").replaceChildren(...drawn);
    const nothing = !options.length && !told;
    part("search-told").textContent = nothing ? "Type one symbol or two: btc, btc eth, BTC/ETH." : told;
    const again = keep ? options.findIndex((row) => row.dataset.pair === before) : 0;
    choose(Math.max(0, again));
  }

  function choose(at) {
    options[active]?.setAttribute("aria-selected", "false");
    active = options.length ? (at + options.length) % options.length : 0;
    for (const row of options) row.setAttribute("aria-selected", String(row === options[active]));
    const chosen = options[active];
    const input = part("search-input");
    input.setAttribute("aria-expanded", String(Boolean(chosen)));
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  function take(row) {
    if (!row) return;
    part("search").close();
    openPair(row.dataset.pair);
  }

  function star(pair) {
    if (pair) window.dash_clientside.set_props("star", { data: { pair, at: Date.now() } });
  }

  const KEYS = {
    ArrowDown: () => choose(active + 1),
    ArrowUp: () => choose(active - 1),
    PageDown: () => choose(Math.min(active + 5, options.length - 1)),
    PageUp: () => choose(Math.max(active - 5, 0)),
    Enter: () => take(options[active]),
    "*": () => star(options[active]?.dataset.pair),
  };

  /* The box is made here and not by Dash: nobody on the server has to know what is being typed. */
  function box() {
    const input = element("input", "search__input");
    Object.assign(input, { id: "search-input", type: "text", autocomplete: "off", spellcheck: false });
    input.placeholder = "btc eth, BTC/ETH, shib";
    const told = {
      role: "combobox", "aria-label": "Symbols of the pair", "aria-controls": "search-list",
      "aria-expanded": "false", "aria-autocomplete": "list", autocapitalize: "characters", enterkeyhint: "go",
    };
    for (const [name, value] of Object.entries(told)) input.setAttribute(name, value);
    input.addEventListener("input", () => draw());
    input.addEventListener("keydown", (event) => {
      const does = KEYS[event.key];
      if (!does || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      does();
    });
    const close = element("button", "search__close");
    close.type = "button";
    close.setAttribute("aria-label", "Close the search");
    close.addEventListener("click", () => part("search").close());
    part("search-box").append(input, close);
    // Opened by a key, it has no element to give the focus back to, and keeps it, unseen.
    part("search").addEventListener("close", () => input.blur());
    return input;
  }

  function openSearch(text = "") {
    const dialog = part("search");
    if (dialog.open || document.querySelector("dialog[open]")) return;
    const input = part("search-input") || box();
    input.value = text;
    dialog.showModal();
    draw();
    input.focus();
  }

  const starShown = () => star(presentPair());

  /* What came of a star is told for a moment. */
  function fade(told) {
    clearTimeout(fading);
    const line = part("star-told");
    line.hidden = !told;
    if (told) fading = setTimeout(() => { line.hidden = true; }, TOLD_MS);
    return same();
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("#pair-button")) openSearch();
    else if (target?.closest(".search__star")) star(target.closest(".search__option").dataset.pair);
    else take(target?.closest(".search__option"));
  });
  document.addEventListener("pointerdown", (event) => { // the box keeps the focus, and with it a phone its keyboard
    if (event.target instanceof Element && event.target.closest(".search__list")) event.preventDefault();
  });

  return { searchFacts, remember, openPair, openView, goTo, openSearch, starShown, fade };
})());
