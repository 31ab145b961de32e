// Notes at figures and restored characters: moved sideways where the window would cut them.
(() => {
  const edge = 6;
  function keepInside(event) {
    const note = event.target.closest?.(".figure, .restored")?.querySelector(".tip");
    if (!note) return;
    note.style.setProperty("--nudge", "0px");
    const { left, right } = note.getBoundingClientRect();
    const over = Math.max(0, right + edge - document.documentElement.clientWidth);
    const nudge = left < edge ? edge - left : -over;
    note.style.setProperty("--nudge", `${nudge}px`);
  }
  for (const kind of ["pointerover", "focusin", "click"]) document.addEventListener(kind, keepInside);
})();
