/* The right column: the verdict unfolded. */
(() => {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(".card__unfold");
    if (!button) return;
    const unfolded = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(unfolded));
    button.closest(".card").toggleAttribute("data-unfolded", unfolded);
  });
})();
