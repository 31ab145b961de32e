// What the chat page does in the browser itself: open sources and the reader, copy, save files, notice a lost service.
// No text of a document or a question is ever made into markup here.
(() => {
  const words = window.districtWords;

  // --- light and dark
  const dark = localStorage.getItem("district-qa-dark");
  const paint = (on) => document.body.classList.toggle("dark", on);
  if (dark !== null) {
    // Gradio sets the class by the system's choice once it is there; the visitor's own choice comes after.
    const keep = new MutationObserver(() => {
      const wanted = localStorage.getItem("district-qa-dark") === "1";
      if (document.body.classList.contains("dark") !== wanted) paint(wanted);
    });
    keep.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    paint(dark === "1");
  }

  // --- the reader, in a dialog over the page
  let reader;
  function openReader(link) {
    if (!reader) {
      reader = document.createElement("dialog");
      reader.id = "reader";
      reader.setAttribute("aria-label", words.reader);
      const bar = document.createElement("div");
      bar.className = "reader-bar";
      const heading = document.createElement("h2");
      heading.textContent = words.reader;
      const tools = document.createElement("span");
      const alone = document.createElement("a");
      alone.textContent = words.open_alone;
      alone.target = "_blank";
      alone.rel = "noopener";
      const close = document.createElement("button");
      close.type = "button";
      close.className = "tool";
      close.textContent = words.close;
      close.addEventListener("click", () => reader.close());
      tools.append(alone, close);
      bar.append(heading, tools);
      const frame = document.createElement("iframe");
      frame.title = words.reader;
      frame.addEventListener("load", () => {
        const dark = document.body.classList.contains("dark");
        frame.contentDocument?.body?.classList.toggle("dark", dark);
      });
      reader.append(bar, frame);
      document.querySelector(".gradio-container").append(reader);
      reader.addEventListener("close", () => {
        frame.src = "about:blank";
        reader.opener?.focus();
      });
    }
    reader.opener = link;
    reader.querySelector("a").href = link.href;
    reader.querySelector("iframe").src = link.href;
    reader.showModal();
  }

  // --- sources
  function openSource(mark) {
    const card = document.getElementById(mark.getAttribute("href").slice(1));
    if (!card) return;
    card.open = true;
    card.querySelector("summary").focus({ preventScroll: true });
    card.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  // --- copying; the clipboard is closed to pages that are not served over HTTPS
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // Not there, or not allowed; the old way still is.
    }
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  async function copied(button, text) {
    await copy(text);
    const name = button.textContent;
    button.textContent = button.dataset.done;
    say(button.dataset.done);
    setTimeout(() => { button.textContent = name; }, 1600);
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a, button, .figure");
    if (!target) return;
    if (target.matches(".mark")) {
      event.preventDefault();
      openSource(target);
    } else if (target.matches("[data-read]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openReader(target);
    } else if (target.matches("[data-copy]")) {
      copied(target, target.dataset.copy);
    } else if (target.matches("[data-theme-switch]")) {
      const on = !document.body.classList.contains("dark");
      localStorage.setItem("district-qa-dark", on ? "1" : "0");
      paint(on);
    } else if (target.matches("[data-language]")) {
      document.cookie = `language=${target.hreflang.slice(0, 2)}; path=/; max-age=31536000; samesite=lax`;
    } else if (target.matches(".skip")) {
      event.preventDefault();
      document.querySelector("#question-box textarea")?.focus();
    }
  });

  // --- what a screen reader is told
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  told.className = "said";
  const say = (text) => { told.textContent = text; };

  // --- a service that is gone for a while
  const connection = document.createElement("p");
  connection.id = "connection";
  connection.setAttribute("role", "alert");
  connection.hidden = true;
  async function isThere() {
    try {
      return (await fetch("../healthz", { cache: "no-store" })).ok;
    } catch {
      return false;
    }
  }
  let watching = false;
  async function watch() {
    if (watching) return;
    watching = true;
    while (growing()) {
      if (!(await isThere())) {
        connection.textContent = words.lost;
        connection.hidden = false;
        while (!(await isThere())) await new Promise((go) => setTimeout(go, 1500));
        // The answer under way is gone with the old service; the page asks for its conversation again.
        location.reload();
        return;
      }
      await new Promise((go) => setTimeout(go, 2500));
    }
    watching = false;
  }
  const growing = () => document.querySelector('#live [data-state="searching"], #live [data-state="writing"]');

  // --- what changes in the conversation
  let state = "";
  // Whoever has moved on the page since asking is left where they are.
  let moved = false;
  for (const kind of ["wheel", "touchmove", "keydown"]) addEventListener(kind, () => { moved = true; }, { passive: true });
  function changed() {
    const exchange = document.querySelector("#live .exchange");
    const now = exchange ? `${exchange.id} ${exchange.dataset.state}` : "";
    if (now === state) return;
    if (exchange && exchange.dataset.state === "searching") {
      moved = false;
      exchange.scrollIntoView({ block: "start" });
    } else if (exchange && state && !moved) requestAnimationFrame(() => exchange.scrollIntoView({ block: "start" }));
    if (state && exchange && exchange.dataset.state === "done") say(exchange.dataset.told);
    state = now;
    if (growing()) watch();
  }

  function begin() {
    const root = document.querySelector("#live");
    if (!root) {
      setTimeout(begin, 50);
      return;
    }
    document.body.append(told);
    document.body.prepend(connection);
    new MutationObserver(changed).observe(root, { childList: true, subtree: true });
    changed();
  }
  begin();

  window.districtChat = {
    save(file) {
      if (!file) return;
      const bytes = Uint8Array.from(atob(file.content), (c) => c.charCodeAt(0));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([bytes]));
      link.download = file.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    thank(rated) {
      if (!rated) return;
      for (const group of document.querySelectorAll(`[data-rating="${Number(rated.place)}"]`)) {
        group.textContent = group.dataset.thanks;
        say(group.dataset.thanks);
      }
    },
    share(shared) {
      if (!shared) return;
      const address = new URL("./", location.href);
      address.search = new URLSearchParams({ receipt: shared.link });
      const button = document.querySelector(`[data-do="pass_on"][data-place="${Number(shared.place)}"]`);
      copied(button, address.href);
    },
  };
})();
