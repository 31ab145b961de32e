// The page for staff: a client of the API like any other. It holds no rights of its own: the API asks for the key at
// every request. The key stays in this tab. Whatever comes is shown as text.
(() => {
  if (localStorage.getItem("district-qa-dark") === "1") document.body.classList.add("dark");
  const words = document.body.dataset;
  const at = (id) => document.getElementById(id);
  const wait = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

  function tell(fault) {
    at("fault").textContent = fault;
    at("fault").hidden = !fault;
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
    if (!response.ok) throw new Error(response.status === 401 ? words.staffWrongKey : answer.detail);
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
    at("job").textContent = job.error ? `${words.staffFailed} ${job.error}` : `${words.staffDone} ${job.documents.join(", ")}`;
  }

  async function attempt(what) {
    tell("");
    try {
      await what();
    } catch (fault) {
      tell(fault.message);
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
