// The reader by itself: steps between findings, the page's light or dark, the cited sentence in sight.
(() => {
  const chosen = localStorage.getItem("district-qa-dark");
  const dark = chosen === null ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "1";
  document.body.classList.toggle("dark", dark);

  if (matchMedia("(max-width: 48rem)").matches) document.querySelector(".contents")?.removeAttribute("open");

  const hits = [...document.querySelectorAll(".hit")];
  let at = 0;
  function step(by) {
    hits[at]?.classList.remove("here");
    at = (at + by + hits.length) % hits.length;
    hits[at].classList.add("here");
    hits[at].scrollIntoView({ block: "center" });
  }
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  }
  if (hits.length) step(0);
  else document.querySelector(".cited")?.scrollIntoView({ block: "center" });
})();
