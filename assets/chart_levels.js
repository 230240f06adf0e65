/* Entry, exit and stop on the z pane, moved by hand or by keys. Both signs move together; on release the address says
   the new levels, and the server's numbers follow. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const STEP = 0.05;
  const LEAP = 0.5;
  const MOST = 20;
  const SETTLES_MS = 600; // a key that is pressed again within this is one movement
  const GIVEN_UP_MS = 6000; // a level that the server did not take goes back
  const own = () => window.dash_clientside.pairwatch.chart;
  const rounded = (value) => Math.round(value / STEP) / Math.round(1 / STEP);
  let moved = null; // {level, value, sign, by} while a hand or a key moves it
  let sent = null; // levels on their way to the server and back
  let settling = 0;
  let givingUp = 0;

  const handles = () => [...own().over().querySelectorAll(".level")];
  const zPane = () => own().placeNow().panes.find((pane) => pane.name === "zscore");

  /* The levels as they are to be seen now: what is being moved, what was sent, what the picture says. */
  function levelsNow() {
    const model = own().modelNow();
    if (!model || !model.levels) return null;
    const told = ["entry", "exit", "stop"].every((name) => sent && Math.abs(sent[name] - model.levels[name]) < 1e-9);
    if (told) sent = null;
    const base = sent || model.levels;
    return moved ? { ...base, [moved.level]: moved.value } : base;
  }

  /* What a level may be beside the others: exit below entry below stop. */
  function limits(level, levels) {
    if (level === "exit") return [0, rounded(levels.entry - STEP)];
    if (level === "entry") return [rounded(levels.exit + STEP), rounded(levels.stop - STEP)];
    return [rounded(levels.entry + STEP), MOST];
  }

  function bounded(level, value) {
    const [least, most] = limits(level, levelsNow());
    return Math.min(Math.max(rounded(value), least), most);
  }

  function placeLevels() {
    const levels = levelsNow();
    const pane = levels && zPane();
    const { area } = own().placeNow();
    for (const handle of handles()) {
      const { level, sign } = handle.dataset;
      handle.hidden = !(pane && pane.range);
      if (handle.hidden) continue;
      const value = (sign === "-" ? -1 : 1) * levels[level];
      const top = Math.min(Math.max(own().topOf(pane, value), pane.top), pane.bottom);
      Object.assign(handle.style, { transform: `translateY(${top}px)`, left: `${area.left}px`, width: `${area.width}px` });
      handle.classList.toggle("level--moved", Boolean(moved) && moved.level === level);
      if (sign === "+") told(handle, level, levels);
    }
    tag(pane, levels);
  }

  function told(handle, level, levels) {
    const [least, most] = limits(level, levels);
    const value = levels[level].toFixed(2);
    const words = levels[level] ? `${value}, lines at plus and minus ${value}` : "0.00, one line";
    const attributes = { valuenow: value, valuemin: least.toFixed(2), valuemax: most.toFixed(2), valuetext: words };
    for (const [name, text] of Object.entries(attributes)) {
      if (handle.getAttribute(`aria-${name}`) !== text) handle.setAttribute(`aria-${name}`, text);
    }
  }

  function tag(pane, levels) {
    const box = own().part("level-tag");
    box.hidden = !moved;
    if (!moved) return;
    const { area } = own().placeNow();
    const value = levels[moved.level];
    const top = Math.min(Math.max(own().topOf(pane, moved.sign * value), pane.top), pane.bottom);
    box.textContent = `${moved.level} ${value ? "\u00b1" : ""}${value.toFixed(2)}`;
    Object.assign(box.style, { transform: `translate(${area.left + area.width - 8}px, ${top}px) translate(-100%, -50%)` });
  }

  function watchLevels(over) {
    for (const handle of handles()) {
      handle.addEventListener("pointerdown", (event) => event.button === 0 && grab(event, handle));
      handle.addEventListener("pointermove", (event) => moved && moved.by === "hand" && drag(event, handle));
      handle.addEventListener("pointerup", () => moved && moved.by === "hand" && drop());
      handle.addEventListener("pointercancel", undo);
      handle.addEventListener("keydown", (event) => key(event, handle.dataset.level));
      handle.addEventListener("blur", () => moved && moved.by === "key" && settle());
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && moved) undo();
    });
  }

  function grab(event, handle) {
    event.preventDefault(); // no selection of text
    handle.setPointerCapture(event.pointerId);
    if (handle.dataset.sign === "+") handle.focus({ preventScroll: true });
    const levels = levelsNow();
    if (!levels) return;
    if (moved) settle();
    const { level } = handle.dataset;
    moved = { level, value: levels[level], start: levels[level], sign: handle.dataset.sign === "-" ? -1 : 1, by: "hand" };
    own().hold();
    own().leave();
    placeLevels();
  }

  function drag(event, handle) {
    const pane = zPane();
    const value = own().valueAt(pane, own().spot(event).top);
    if (handle.dataset.level === "exit" && !moved.start) moved.sign = value < 0 ? -1 : 1; // both lines begin as one
    moved.value = bounded(moved.level, moved.sign * value);
    placeLevels();
  }

  function drop() {
    own().release();
    settle();
  }

  function key(event, level) {
    const steps = { ArrowUp: STEP, ArrowRight: STEP, ArrowDown: -STEP, ArrowLeft: -STEP, PageUp: LEAP, PageDown: -LEAP };
    const levels = levelsNow();
    if (!levels || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && moved) settle();
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.shiftKey ? Math.sign(steps[event.key]) * LEAP : steps[event.key];
    const start = moved ? moved.start : levels[level];
    moved = { level, start, value: bounded(level, levels[level] + by), sign: 1, by: "key" };
    placeLevels();
    clearTimeout(settling);
    settling = setTimeout(settle, SETTLES_MS);
  }

  function settle() {
    clearTimeout(settling);
    if (!moved) return;
    const { level, value, start } = moved;
    moved = null;
    if (value === start) placeLevels();
    else setLevel(level, value);
  }

  function undo() {
    clearTimeout(settling);
    if (!moved) return;
    if (moved.by === "hand") own().release();
    moved = null;
    placeLevels();
  }

  /* One level, said by the address: the server reads it there, and the back button takes it back. */
  function setLevel(level, value) {
    const levels = { ...levelsNow(), [level]: value };
    sent = levels;
    clearTimeout(givingUp);
    givingUp = setTimeout(() => {
      sent = null;
      placeLevels();
    }, GIVEN_UP_MS);
    const others = own().unranged(window.location.search).filter((part) => !/^(entry|exit|stop)=/.test(part));
    const mine = ["entry", "exit", "stop"].map((name) => `${name}=${Number(levels[name].toFixed(4))}`);
    window.dash_clientside.set_props("url", { search: `?${[...others, ...mine].join("&")}` });
    placeLevels();
    own().offerAlert(level, levels);
  }

  const levelMoves = () => Boolean(moved) && moved.by === "hand";

  return { levelMoves, placeLevels, watchLevels, levelsNow, setLevel, bounded };
})());
