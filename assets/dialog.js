/* A button with data-opens="ID" opens the dialog of that id above the page; Escape, a press beside it and a button with
   data-closes inside end it, and the focus goes back to where it was. The browser's own dialog does the rest. */
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const opener = event.target.closest("[data-opens]");
  const dialog = opener ? document.getElementById(opener.dataset.opens) : event.target.closest("dialog[open]");
  if (!dialog) return;
  if (opener) {
    if (!dialog.open) dialog.showModal();
  } else if (event.target === dialog || event.target.closest("[data-closes]")) { // its backdrop is the dialog itself
    dialog.close();
  }
});
