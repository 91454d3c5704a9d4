// What the pages beside the conversation share: sending, asking before, filtering, files, and parts that renew themselves.
(() => {
  const sheet = () => document.querySelector("#sheet");

  addEventListener("click", (event) => {
    const opens = event.target.closest?.("[data-opens-dialog]");
    if (opens) opens.parentElement.querySelector("dialog").showModal();
    const link = event.target.closest?.("a[data-load]");
    if (link) { event.preventDefault(); cco.load(link.dataset.load); }
    const test = event.target.closest?.("[data-test]");
    if (test) send(test.dataset.test, valuesOf(test.form), "tested");
    const button = event.target.closest?.("button[data-send]");
    if (button && !button.form?.matches("form[data-send]")) {
      send(button.dataset.send, { ...button.dataset }, button.dataset.into);
    }
  });

  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-search]")) {
      event.preventDefault();
      const query = new URLSearchParams(new FormData(form));
      cco.load(`${form.dataset.search}?${query}`);
    }
    if (form.matches("form[data-send]")) {
      event.preventDefault();
      send(form.dataset.send, valuesOf(form), form.dataset.into);
    }
  });

  const valuesOf = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));

  async function send(address, values, into) {
    delete values.send; delete values.into;
    await cco.load(address, { method: "POST", body: JSON.stringify(values), into: (into && document.getElementById(into)) || sheet() });
  }

  // ------------------------------------------------------------------------------------------------ after a part came

  cco.dressed = (element) => {
    element.querySelectorAll("[data-refresh]").forEach(renew);
    filter();
    const adding = element.querySelector("#adding");
    if (adding) receiveIn(adding);
    element.querySelector("#question-set")?.addEventListener("change", (event) => {
      const [file] = event.target.files;
      if (file) cco.load(`pages/evaluation/questions?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    });
  };

  function renew(part) {
    setTimeout(async () => {
      if (!part.isConnected) return;
      const url = new URL(part.dataset.part, document.baseURI);
      url.searchParams.set("ui", cco.language);
      try {
        const holder = document.createElement("template");
        holder.innerHTML = await (await fetch(url)).text();
        if (!part.isConnected) return;
        const next = holder.content.firstElementChild;
        part.replaceWith(next);
        if (next.dataset.refresh) renew(next);
        else if (next.dataset.reload) cco.load(next.dataset.reload);
        cco.dressed(next.parentElement);
      } catch { renew(part); }
    }, Number(part.dataset.refresh));
  }

  // -------------------------------------------------------------------------------------------------- the documents

  function filter() {
    const box = document.querySelector("#filter");
    const table = document.querySelector("#documents");
    if (!box || !table) return;
    const words = box.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const language = document.querySelector("#filter-language").value;
    let shown = 0;
    table.querySelectorAll("tbody tr").forEach((row) => {
      row.hidden = (language && row.dataset.language !== language) || !words.every((word) => row.dataset.title.includes(word));
      shown += row.hidden ? 0 : 1;
    });
    table.hidden = !shown;
    document.querySelector("#none-match").hidden = shown > 0;
  }
  addEventListener("input", (event) => { if (event.target.closest?.(".tools")) filter(); });

  function receiveIn(adding) {
    const drop = adding.querySelector(".drop");
    adding.querySelector("#files").addEventListener("change", (event) => { receive([...event.target.files]); event.target.value = ""; });
    for (const name of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", name === "dragover");
        if (name === "drop") receive([...event.dataTransfer.files]);
      });
    }
    // What was being added stays in sight when the page is shown anew.
    if (list) adding.querySelector(".uploads").replaceWith(list);
  }

  let list = null, queue = [], busy = false;

  function receive(files) {
    const adding = document.querySelector("#adding");
    list = adding.querySelector(".uploads");
    if (!busy) list.replaceChildren();
    for (const file of files) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const bar = document.createElement("progress");
      const state = document.createElement("span");
      name.className = "name";
      name.textContent = file.name;
      state.className = "meta";
      state.textContent = adding.dataset.waiting;
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      item.append(name, bar, state);
      list.append(item);
      queue.push({ file, item, bar, state, said: { ...adding.dataset } });
    }
    if (!busy) work();
  }

  async function work() {
    busy = true;
    for (let next = queue.shift(); next; next = queue.shift()) await one(next);
    busy = false;
    if (document.body.dataset.page === "library") cco.load("pages/library");
  }

  async function one({ file, item, bar, state, said }) {
    const end = (outcome, text, reason = "") => {
      item.className = outcome;
      bar.remove();
      state.textContent = text;
      if (reason) state.append(said.andWhy, reason);
    };
    if (file.size > Number(said.most)) return end("skipped", said.tooLarge);
    state.textContent = said.uploading;
    try {
      const { status, body } = await upload(file, (share) => {
        bar.value = share;
        if (share === 1) { bar.removeAttribute("value"); state.textContent = said.indexing; }
      });
      if (status === 413) end("skipped", said.tooLarge);
      else if (body.added.length) end("added", said.added, body.reason);
      else end("skipped", said.skipped, body.reason);
    } catch { end("skipped", said.failed); }
  }

  function upload(file, moved) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const url = new URL("pages/library/files", document.baseURI);
      url.searchParams.set("name", file.name);
      url.searchParams.set("ui", cco.language);
      request.open("POST", url);
      request.upload.addEventListener("progress", (event) => { if (event.total) moved(event.loaded / event.total); });
      request.addEventListener("load", () => {
        try { resolve({ status: request.status, body: JSON.parse(request.responseText) }); } catch (error) { reject(error); }
      });
      request.addEventListener("error", reject);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.send(file);
    });
  }
})();

// The concepts: found by any of their names; a dot of the map shows its own lines.
(() => {
  addEventListener("input", (event) => {
    if (event.target.id !== "filter-concepts") return;
    const words = event.target.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    document.querySelectorAll("[data-sought]").forEach((item) => {
      item.hidden = !words.every((word) => item.dataset.sought.includes(word));
      shown += item.hidden ? 0 : 1;
    });
    // What the texts do not speak of is folded away, but found all the same.
    document.querySelectorAll(".kind details").forEach((folded) => { folded.open = words.length > 0; });
    document.querySelectorAll(".kind").forEach((kind) => { kind.hidden = !kind.querySelector("[data-sought]:not([hidden])"); });
    document.querySelector("#none-match-concept").hidden = shown > 0;
  });
  const light = (event) => {
    const node = event.target.closest?.("[data-node]")?.dataset.node;
    document.querySelectorAll(".map .lines path").forEach((line) => {
      line.classList.toggle("lit", node !== undefined && (line.dataset.a === node || line.dataset.b === node));
    });
    document.querySelector(".map")?.classList.toggle("lighting", node !== undefined);
  };
  for (const name of ["mouseover", "focusin"]) addEventListener(name, (event) => { if (document.querySelector(".map")) light(event); });
  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-ask]");
    if (button) { location.hash = "#/"; cco.question(button.dataset.ask); }
  });
})();
