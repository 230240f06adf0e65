/* A menu closes where one clicks beside it, and by Escape, which gives the focus back. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.fit[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.fit[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
