/* Mouse, wheel and fingers on the chart: read, zoom by a drag, pan with Shift, zoom by wheel or pinch. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const STARTS_PX = 5; // a hand that moves less has pressed, not dragged
  const PER_WHEEL = 0.0016;
  const LINE_PX = 16;
  const LONG_PRESS_MS = 550;
  const own = () => window.dash_clientside.pairwatch.chart;
  const fingers = new Map(); // touches that are down, by id
  let drag = null; // {left, last, pans, moved, kind}
  let pressing = 0;
  let menuByFinger = false; // this touch has opened the menu

  const model = () => own().modelNow();
  const box = () => document.getElementById("chart-menu");
  const ready = () => model() && own().placeNow();

  function watchHands(over, surface) {
    over.addEventListener("pointerdown", (event) => event.target === surface && ready() && down(event, surface));
    over.addEventListener("pointermove", (event) => ready() && move(event));
    over.addEventListener("pointerup", up);
    over.addEventListener("pointercancel", cancel);
    over.addEventListener("touchend", keepMenu, { passive: false });
    over.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && !drag && own().leave());
    over.addEventListener("wheel", (event) => ready() && wheel(event, surface), { passive: false });
    surface.addEventListener("dblclick", () => own().reset());
    document.addEventListener("keydown", (event) => event.key === "Escape" && drag && cancel());
  }

  function down(event, surface) {
    const at = own().spot(event);
    if (event.pointerType === "touch") return touched(event, at, surface);
    if (event.button !== 0) return undefined;
    surface.setPointerCapture(event.pointerId);
    drag = { left: at.left, last: at.left, pans: event.shiftKey, moved: false };
    return own().hold();
  }

  function touched(event, at, surface) {
    surface.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at);
    clearTimeout(pressing);
    if (fingers.size === 1) {
      own().hold();
      drag = { left: at.left, last: at.left, finger: true, moved: false, was: Boolean(own().cursorNow()) };
      pressing = setTimeout(() => pressed(at), LONG_PRESS_MS);
    } else if (drag) {
      drag.moved = true; // two fingers are not a tap
      own().leave();
    }
  }

  function pressed(at) {
    if (!drag || drag.moved) return;
    drag.moved = true;
    menuByFinger = true;
    own().openMenu(at);
  }

  /* The mouse that a browser makes of a lifted finger would take the focus, and so close the menu it has just opened. */
  function keepMenu(event) {
    if (menuByFinger) event.preventDefault();
    menuByFinger = false;
  }

  function move(event) {
    const at = own().spot(event);
    if (fingers.size > 1 && fingers.has(event.pointerId)) return pinch(event.pointerId, at);
    if (drag && !drag.moved && Math.abs(at.left - drag.left) > STARTS_PX) {
      drag.moved = true;
      clearTimeout(pressing);
    }
    if (drag && drag.moved && !drag.finger) return drag.pans ? panned(at) : select(at);
    if (own().levelMoves() || !box().hidden || (event.pointerType === "touch" && !(drag && drag.moved))) return undefined;
    return own().hover(own().timeAt(within(at.left)), at.top);
  }

  function within(left) {
    const { area } = own().placeNow();
    return Math.min(Math.max(left, area.left), area.left + area.width);
  }

  function pinch(id, at) {
    const [one, other] = [...fingers.values()];
    const before = { width: Math.abs(one.left - other.left), middle: (one.left + other.left) / 2 };
    fingers.set(id, at);
    const [a, b] = [...fingers.values()];
    const middle = (a.left + b.left) / 2;
    const width = Math.abs(a.left - b.left);
    own().pan(model(), own().timeAt(before.middle) - own().timeAt(middle));
    if (before.width > 8 && width > 8) own().zoom(model(), own().timeAt(middle), before.width / width);
  }

  function panned(at) {
    own().pan(model(), own().timeAt(drag.last) - own().timeAt(at.left));
    drag.last = at.left;
    own().over().classList.add("chart__over--pans");
  }

  function select(at) {
    const { area } = own().placeNow();
    const [from, to] = [drag.left, within(at.left)].sort((a, b) => a - b);
    drag.to = within(at.left);
    const box = own().part("chart__select");
    Object.assign(box.style, { left: `${from}px`, width: `${to - from}px`, top: `${area.top}px`, height: `${area.height}px`, display: "block" });
    own().hover(own().timeAt(drag.to), at.top);
  }

  function up(event) {
    clearTimeout(pressing);
    fingers.delete(event.pointerId);
    if (!drag || (drag.finger && fingers.size)) return;
    const done = drag;
    finish();
    if (done.finger && !done.moved) return tapped(event, done);
    if (done.to !== undefined && !done.pans && Math.abs(done.to - done.left) > STARTS_PX) {
      const [from, to] = [done.left, done.to].sort((a, b) => a - b);
      own().showBetween(model(), own().timeAt(from), own().timeAt(to));
    }
  }

  /* A tap lets the cursor go, or sets it where there is none. */
  function tapped(event, done) {
    if (done.was) return own().leave();
    const at = own().spot(event);
    return own().hover(own().timeAt(within(at.left)), at.top);
  }

  function cancel(event) {
    clearTimeout(pressing);
    if (event && event.pointerId !== undefined) fingers.delete(event.pointerId);
    if (drag && !fingers.size) finish();
  }

  function finish() {
    drag = null;
    own().part("chart__select").style.display = "none";
    own().over().classList.remove("chart__over--pans");
    own().release();
  }

  const scrolls = () => document.documentElement.scrollHeight > window.innerHeight + 1;

  /* Where the page itself scrolls, a wheel over the chart scrolls the page until the chart has the focus. */
  function wheel(event, surface) {
    const across = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !sideways && scrolls() && document.activeElement !== surface) return;
    event.preventDefault();
    const px = event.deltaMode === 1 ? LINE_PX : 1;
    const { area, from, to } = own().placeNow();
    if (sideways && !event.ctrlKey) own().pan(model(), ((across * px) / area.width) * (to - from));
    else own().zoom(model(), own().timeAt(within(own().spot(event).left)), Math.exp(event.deltaY * px * PER_WHEEL * (event.ctrlKey ? 4 : 1)));
  }

  return { watchHands };
})());
