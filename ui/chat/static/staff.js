// The page for staff: a client of the API like any other. It holds no rights of its own: the API asks for the key at
// every request. The key stays in this tab. Whatever comes is shown as text.
(() => {
  if (localStorage.getItem("district-qa-dark") === "1") document.body.classList.add("dark");
  const words = document.body.dataset;
  const at = (id) => document.getElementById(id);
  const wait = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

  // What happened in the words of the page; what the service itself says of it stands behind, in English.
  function tell(fault) {
    at("fault").textContent = fault ? fault.message : "";
    at("fault").hidden = !fault;
    if (fault?.cause) at("fault").append(" ", english(fault.cause));
  }

  function english(text) {
    const said = document.createElement("span");
    said.lang = "en";
    said.className = "small";
    said.textContent = text;
    return said;
  }

  function explained(status, detail) {
    const kinds = { 401: "WrongKey", 403: "NoRole", 413: "TooLarge", 415: "OtherKind", 422: "Unreadable", 429: "TooOften", 507: "NoRoom" };
    const own = words[`staff${kinds[status] ?? (status >= 500 ? "Unavailable" : "NotDone")}`];
    return new Error(own, { cause: status === 401 ? "" : detail });
  }

  async function call(path, options = {}) {
    const key = sessionStorage.getItem("district-qa-key");
    const headers = key ? { Authorization: `Bearer ${key}` } : {};
    let response;
    try {
      response = await fetch(`api/v1/${path}`, { ...options, headers });
    } catch {
      throw new Error(words.lost);
    }
    const answer = await response.json();
    if (!response.ok) throw explained(response.status, answer.detail);
    return answer;
  }

  function row(group) {
    const line = document.createElement("tr");
    const subject = [group.subject, ...group.periods].join(" ");
    for (const text of [group.count, subject, group.reason, group.example ?? "", group.latest.slice(0, 10)]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      line.append(cell);
    }
    return line;
  }

  async function open() {
    const gaps = await call("questions/gaps");
    for (const part of ["asked", "refused", "wrong"]) at(part).replaceChildren(...gaps[part].map(row));
    at("sign-in").hidden = true;
    at("desk").hidden = false;
  }

  async function follow(job) {
    at("progress").hidden = false;
    while (job.state === "waiting" || job.state === "running") {
      at("job").textContent = `${words[job.state === "waiting" ? "staffWaiting" : "staffRunning"]} ${job.done}/${job.total}`;
      at("progress").value = job.total ? job.done / job.total : 0;
      await wait(700);
      job = await call(`jobs/${encodeURIComponent(job.id)}`);
    }
    at("progress").hidden = true;
    at("job").textContent = job.error ? words.staffFailed : `${words.staffDone} ${job.documents.join(", ")}`;
    if (job.error) at("job").append(" ", english(job.error));
  }

  async function attempt(what) {
    tell(null);
    try {
      await what();
    } catch (fault) {
      tell(fault);
    }
  }

  at("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem("district-qa-key", at("key").value.trim());
    attempt(open);
  });
  at("add").addEventListener("submit", (event) => {
    event.preventDefault();
    const said = new FormData(event.target);
    for (const name of [...said.keys()]) if (said.get(name) === "") said.delete(name);
    attempt(async () => follow(await call("documents", { method: "POST", body: said })));
  });
  if (sessionStorage.getItem("district-qa-key")) attempt(open);
})();
