/* What can be done at this point of the chart now: by the right button, a long press, or Shift+F10. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const TOLD_MS = 4000;
  const EDGE = 4;
  const own = () => window.dash_clientside.pairwatch.chart;
  const box = () => document.getElementById("chart-menu");
  let telling = 0;

  function watchMenu(over, surface) {
    over.addEventListener("contextmenu", (event) => {
      if (box().contains(event.target)) return;
      event.preventDefault();
      if (event.pointerType !== "touch") openMenu(own().spot(event)); // a finger's long press has opened it already
    });
    surface.addEventListener("keydown", (event) => {
      if (event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
      event.preventDefault();
      openMenu(null);
    });
    box().addEventListener("keydown", walk);
    document.addEventListener("pointerdown", (event) => !box().contains(event.target) && close(false));
    box().addEventListener("focusout", (event) => event.relatedTarget && !box().contains(event.relatedTarget) && close(false));
  }

  /* at: a point of the layer in px, or null for the cursor that keys have set. */
  function openMenu(at) {
    const model = own().modelNow();
    if (!model || !own().placeNow()) return;
    const spot = at || keySpot();
    const time = own().snapped(model, own().timeAt(spot.left));
    const choices = choicesAt(model, spot, time, Boolean(at));
    box().replaceChildren(...choices.map(([words, does]) => item(words, does)));
    box().hidden = false;
    const { width, height } = own().over().getBoundingClientRect();
    box().style.left = `${Math.max(EDGE, Math.min(spot.left, width - box().offsetWidth - EDGE))}px`;
    box().style.top = `${Math.max(EDGE, Math.min(spot.top, height - box().offsetHeight - EDGE))}px`;
    box().firstElementChild.focus({ preventScroll: true });
  }

  function keySpot() {
    const { area, panes, to } = own().placeNow();
    const cursor = own().cursorNow();
    const pane = panes.find((one) => one.name === "zscore") || panes[panes.length - 1];
    return { left: own().leftOf(cursor ? cursor.time : to), top: pane ? (pane.top + pane.bottom) / 2 : area.top + area.height / 2 };
  }

  function choicesAt(model, spot, time, byHand) {
    const pane = own().paneAt(spot.top);
    const read = own().readings(model, time).filter((one) => one.value !== null && (!pane || one.trace.pane === pane.name));
    const zscore = own().readings(model, time).find((one) => one.trace.pane === "zscore");
    const pointed = pane && pane.name === "zscore" && pane.range && byHand ? own().valueAt(pane, spot.top) : null;
    return [
      ...entryChoice(pointed ?? (zscore && zscore.value)),
      ...alertsAt(pane, spot, byHand, zscore),
      ...read.map((one) => copyChoice(model, one, time)),
      ["Copy link to this view", () => copy(window.location.href, "The link to this view")],
      ...(own().behind(model) ? [["Go to the newest", () => own().newest(model)]] : []),
      ...(own().rangeNow().kind === "all" ? [] : [["Reset zoom", () => own().reset()]]),
    ];
  }

  /* At the height of the hand; keys have no height, and mean the z-score at the cursor. */
  function alertsAt(pane, spot, byHand, zscore) {
    if (!byHand) return own().alertChoices("zscore", zscore && zscore.value);
    return pane && pane.range ? own().alertChoices(pane.name, own().valueAt(pane, spot.top)) : [];
  }

  /* Only where it can be one: between exit and stop. */
  function entryChoice(value) {
    if (value === null || value === undefined || !own().levelsNow()) return [];
    const level = Math.abs(Math.round(value * 20) / 20);
    if (own().bounded("entry", level) !== level) return [];
    return [[`Set entry level here, \u00b1${level.toFixed(2)}`, () => own().setLevel("entry", level)]];
  }

  function copyChoice(model, { trace, value, text }, time) {
    const plain = value.toFixed(trace.decimals);
    return [`Copy ${trace.label} ${text}`, () => copy(plain, `${trace.label} ${text} of ${own().moment(model, time)}`)];
  }

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      tell(`${what} is in the clipboard.`);
    } catch (refused) {
      if (!(refused instanceof DOMException) && !(refused instanceof TypeError)) throw refused;
      tell(`The browser does not allow copying. It would have been: ${text}`);
    }
  }

  function tell(words) {
    const told = document.getElementById("chart-told");
    told.textContent = words;
    clearTimeout(telling);
    telling = setTimeout(() => {
      told.textContent = "";
    }, TOLD_MS);
  }

  function item(words, does) {
    const button = document.createElement("button");
    button.type = "button";
    button.role = "menuitem";
    button.tabIndex = -1;
    button.textContent = words;
    button.addEventListener("click", () => {
      close(true);
      does();
    });
    return button;
  }

  function walk(event) {
    const items = [...box().children];
    const here = items.indexOf(document.activeElement);
    const ways = { ArrowDown: here + 1, ArrowUp: here - 1 + items.length, Home: 0, End: items.length - 1 };
    if (event.key in ways) items[ways[event.key] % items.length].focus();
    else if (event.key === "Escape") close(true);
    else if (event.key === "Tab") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function close(backToChart) {
    if (box().hidden) return;
    box().hidden = true;
    if (backToChart) own().surface().focus({ preventScroll: true });
  }

  return { watchMenu, openMenu };
})());
