/* The top bar in the browser: what its buttons call, and what stands behind the badge. */
(() => {
  const EDGE = 8;
  const house = () => window.dash_clientside.pairwatch;

  /* The browser's own popover: it closes by Escape and by a press elsewhere, and tells its state to screen readers. */
  function arm(badge, panel) {
    panel.popover = "auto";
    badge.popoverTargetElement = panel;
    panel.addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      const at = badge.getBoundingClientRect();
      const width = document.documentElement.clientWidth;
      panel.style.top = `${at.bottom + 6}px`;
      panel.style.right = `${Math.max(EDGE, width - at.right)}px`;
    });
  }

  const placed = new MutationObserver(() => { // until Dash has put the bar into the page
    const badge = document.getElementById("badge");
    if (!badge) return;
    placed.disconnect();
    arm(badge, document.getElementById("badge-panel"));
  });
  placed.observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("click", (event) => {
    const on = event.target instanceof Element ? event.target : null;
    const caller = on?.closest("[data-calls]");
    const link = on?.closest("a[data-goes]");
    if (caller) house()[caller.dataset.calls]();
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is the browser's matter
    event.preventDefault();
    document.getElementById("badge-panel").hidePopover();
    house().goTo(link.dataset.goes);
  });
})();
