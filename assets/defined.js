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

  /* The way to the term's entry in Help. Its words are the stylesheet's, so that they are not read out with the line;
     by the keyboard it is Enter on the word itself. */
  function more(term) {
    const link = document.createElement("a");
    link.className = "tip__more";
    link.href = `/help#term-${term}`;
    link.tabIndex = -1;
    link.setAttribute("aria-hidden", "true");
    return link;
  }

  function read(term) {
    hide();
    window.dash_clientside.pairwatch.goTo(`/help#term-${term}`);
  }

  function show(word) {
    if (word === shown) return;
    hide();
    const tip = word.querySelector(".tip");
    if (!tip.querySelector(".tip__more")) tip.append(more(word.dataset.term));
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
    else if (event.key === "Enter" && event.target === focused) read(focused.dataset.term);
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest(".tip__more");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is the browser's matter
    event.preventDefault();
    read(link.closest(".defined").dataset.term);
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
