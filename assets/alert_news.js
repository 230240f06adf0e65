/* Alerts as they happen, on every page: what fires now, a few words for each event, and what this browser was asked to
   do beside: a sound, a notification of the desktop. Neither is on until somebody presses its switch. */
window.pairwatch = window.pairwatch || {};
window.pairwatch.alertHere = (() => {
  const KEPT = "pairwatch-alerts-here"; // {sound, desktop}
  const SOUNDED = "pairwatch-alert-sounded"; // the newest event that a tab of this browser has sounded for
  const NOTES = [[880, 0], [1174.7, 0.16]]; // Hz, s
  const LASTS_S = 0.14;
  const LOUD = 0.12;
  const element = (id) => document.getElementById(id);
  let context = null;
  let here = kept();

  function kept() {
    try {
      return { sound: false, desktop: false, ...JSON.parse(localStorage.getItem(KEPT) || "{}") };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { sound: false, desktop: false };
    }
  }

  function keep(change) {
    here = { ...here, ...change };
    localStorage.setItem(KEPT, JSON.stringify(here));
    show();
  }

  const allowed = () => "Notification" in window && Notification.permission === "granted";

  function show(words = "") {
    element("alert-sound")?.setAttribute("aria-checked", String(here.sound));
    element("alert-desktop")?.setAttribute("aria-checked", String(here.desktop && allowed()));
    const told = element("alert-here");
    if (told && told.textContent !== words) told.textContent = words;
  }

  /* A browser lets a page sound only after somebody has pressed something on it. */
  async function play() {
    context = context || new AudioContext();
    if (context.state === "suspended") await context.resume();
    for (const [pitch, after] of NOTES) {
      const at = context.currentTime + after;
      const note = new OscillatorNode(context, { frequency: pitch });
      const loud = new GainNode(context, { gain: 0 });
      loud.gain.setTargetAtTime(LOUD, at, 0.01);
      loud.gain.setTargetAtTime(0, at + LASTS_S, 0.03);
      note.connect(loud).connect(context.destination);
      note.start(at);
      note.stop(at + 4 * LASTS_S);
    }
  }

  function toggleSound() {
    keep({ sound: !here.sound });
    if (here.sound) play();
  }

  /* The browser asks for the permission, and only now. */
  async function toggleDesktop() {
    if (here.desktop && allowed()) {
      keep({ desktop: false });
      return;
    }
    if (!("Notification" in window)) {
      show("This browser has no notifications of the desktop.");
      return;
    }
    const answer = await Notification.requestPermission();
    keep({ desktop: answer === "granted" });
    if (answer !== "granted") show("This browser does not allow notifications for this page; its own settings can.");
  }

  /* One tab sounds for all of this browser. */
  function first(number) {
    if (Number(localStorage.getItem(SOUNDED) || 0) >= number) return false;
    localStorage.setItem(SOUNDED, String(number));
    return true;
  }

  function announce(events) {
    const fired = events.filter((one) => one.kind !== "resolved");
    if (!fired.length) return;
    if (here.sound && first(fired.at(-1).number)) play();
    if (!here.desktop || !allowed() || document.hasFocus()) return;
    for (const one of fired) {
      const shown = new Notification(`${one.pair} · ${one.name}`, { body: one.text, tag: `pairwatch-${one.number}` });
      shown.onclick = () => {
        window.focus();
        window.pairwatch.openRow(one.view);
      };
    }
  }

  return { toggleSound, toggleDesktop, announce, show };
})();

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const MOST = 3;
  const STAYS_MS = { fired: 20000, repeated: 12000, resolved: 8000 };
  const home = () => document.getElementById("alert-toasts");
  const make = (...parts) => window.pairwatch.fields.element(...parts);
  let firing = [];
  let more = 0;

  function alertNews(news) {
    firing = news.firing;
    window.pairwatch.firing(firing.length);
    list();
    const shown = news.told.slice(-MOST);
    more += news.told.length - shown.length + news.missed;
    for (const one of shown) pop(one);
    trim();
    window.pairwatch.alertHere.announce(news.told);
  }

  /* What fires now, below the cards. */
  function list() {
    const card = document.getElementById("alert-firing");
    if (!card) return;
    if (!firing.length) {
      card.replaceChildren();
      return;
    }
    const items = firing.map((one) => {
      const open = window.pairwatch.fields.button("", () => window.pairwatch.openRow(one.view), "firing__pair");
      open.append(sign("triangle", "bad"), make("b", "", one.pair), ` ${one.words} `, make("span", "firing__long"));
      open.title = one.name;
      const item = make("li", "", open);
      item.dataset.since = one.since;
      return item;
    });
    card.replaceChildren(make("h3", "card__label", `Firing · ${firing.length}`), make("ul", "firing", ...items));
    ages();
  }

  function ages() {
    const { glances } = window.pairwatch;
    for (const item of document.querySelectorAll("#alert-firing li")) {
      const words = `for ${glances.span(glances.now() - Number(item.dataset.since))}`;
      const told = item.querySelector(".firing__long");
      if (told.textContent !== words) told.textContent = words;
    }
  }

  function sign(shape, tone) {
    const drawn = make("span", `sign sign--${shape} tone--${tone}`);
    drawn.setAttribute("aria-hidden", "true");
    return drawn;
  }

  function pop(one) {
    const close = window.pairwatch.fields.button("×", () => gone(toast), "note__close");
    close.setAttribute("aria-label", `Close: ${one.pair} ${one.word}`);
    const open = window.pairwatch.fields.button(one.pair, () => window.pairwatch.openRow(one.view), "note__pair");
    open.setAttribute("aria-label", `Open ${one.pair}`);
    const word = make("b", `tone--${one.tone}`, sign(one.shape, one.tone), one.late ? `${one.word}, late` : one.word);
    const toast = make("div", "note", make("div", "note__head", word, open, close), make("p", "note__text", one.text));
    home().append(toast);
    stay(toast, STAYS_MS[one.kind]);
  }

  /* It goes by itself, but not while somebody reads it. */
  function stay(toast, milliseconds) {
    setTimeout(() => {
      if (!toast.isConnected) return;
      if (toast.matches(":hover, :focus-within")) stay(toast, milliseconds);
      else gone(toast);
    }, milliseconds);
  }

  function gone(toast) {
    toast.remove();
    if (!home().querySelector(".note")) more = 0;
    trim();
  }

  /* The newest three stand, the rest is counted. */
  function trim() {
    const toasts = [...home().querySelectorAll(".note")];
    for (const old of toasts.slice(0, -MOST)) {
      old.remove();
      more += 1;
    }
    home().querySelector(".notes__more")?.remove();
    if (!more) return;
    const words = `and ${more} more in the history`;
    home().append(window.pairwatch.fields.button(words, () => {
      more = 0;
      trim();
      window.dash_clientside.pairwatch.goTo("/alerts");
    }, "notes__more"));
  }

  window.addEventListener("DOMContentLoaded", () => {
    window.pairwatch.glances.onSecond(() => {
      ages();
      window.pairwatch.alertHere.show(document.getElementById("alert-here")?.textContent);
    });
  });

  return { alertNews };
})());
