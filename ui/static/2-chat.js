// The conversation: asks, shows what comes, keeps it in this browser. What it keeps are records that the server made;
// after a reload the server renders them again, so that nothing kept here is ever put on the page as it is.
(() => {
  const KEY = "cco-conversation", MOST = 50, LARGEST = 600_000;
  let kept = read();
  let going = null;   // the question under way: { token, number, question, before, heard }
  const answered = new Map(); // tokens of answers that are whole, to which questions to ask next may still come
  let editing = 0;    // the number of the turn whose question is being changed
  let cleared = null; // what "undo" brings back
  let broken = false; // whether the stream of answers broke off
  const ratings = new Map();

  function read() {
    try {
      const found = JSON.parse(cco.kept(KEY, "[]"));
      return Array.isArray(found) ? found.filter((turn) => turn && typeof turn.question === "string").slice(-MOST) : [];
    } catch { return []; }
  }

  function store() {
    if (!kept.length) { cco.keep(KEY, null); return; }
    // Storage has an end; the oldest turns go first.
    for (let first = 0; first < kept.length; first++) {
      const text = JSON.stringify(kept.slice(first));
      if (text.length < LARGEST && cco.keep(KEY, text)) return;
    }
  }

  cco.turns = () => kept;
  cco.question = (text) => ask(text);
  const log = () => document.querySelector("#talk .turns");
  const turn = (number) => document.querySelector(`#turn-${number}`);
  const box = () => document.querySelector("#question");
  const numberOf = (element) => Number(element.closest(".turn").id.slice(5));

  // ---------------------------------------------------------------------------------------------------- the parts

  cco.talk = (element, trigger) => {
    cco.parts.talk = { element, trigger };
    element.innerHTML = "";
    const main = document.createElement("main");
    main.id = "content";
    element.append(main);
    element.addEventListener("click", (event) => {
      const example = event.target.closest("[data-question]");
      if (example) ask(example.dataset.question);
      const button = event.target.closest("[data-do]");
      if (button) act(button.dataset.do, button);
    });
  };

  cco.ask = (element, trigger, watch) => {
    cco.parts.ask = { element, trigger };
    element.addEventListener("keydown", (event) => {
      // While an input method composes, Enter takes its candidate; Safari tells by the key code only.
      const composing = event.isComposing || event.keyCode === 229;
      if (event.target.id !== "question" || composing) return;
      if (event.key === "Escape" && editing) edit(0);
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      ask(event.target.value);
    });
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(box().value);
    });
    element.addEventListener("input", (event) => {
      fit(event.target);
      try { sessionStorage.setItem("cco-draft", event.target.value); } catch { /* as in 1-page.js */ }
    });
    element.addEventListener("click", (event) => {
      if (event.target.closest("#stop")) stop();
      if (event.target.closest("#clear")) clear();
      if (event.target.closest("#undo")) restore();
      if (event.target.closest("#cancel")) edit(0);
      const form = event.target.closest("[data-export]");
      if (form) exportAs(form.dataset.export);
    });
    addEventListener("click", (event) => {
      const menu = element.querySelector("#export");
      if (menu?.open && !menu.contains(event.target)) menu.open = false;
    });
    watch("value", () => {
      if (!box().value) {
        try { box().value = sessionStorage.getItem("cco-draft") || ""; } catch { /* as above */ }
      }
      fit(box());
      if (!cco.narrow.matches && document.activeElement === document.body) box().focus();
    });
  };

  // What the server says arrives here, and goes where it belongs.
  cco.live = (element, trigger, watch) => {
    watch("value", () => {
      const said = element.querySelector("[data-kind]");
      if (!said) return;
      const { kind, token } = said.dataset;
      const holder = document.createElement("template");
      holder.innerHTML = said.dataset.html;
      if (kind === "whole") whole(holder.content);
      else if (going && token === going.token) {
        if (kind === "problem") refuse(holder.content.textContent);
        else hear(holder.content.firstElementChild);
      } else if (answered.has(token)) lengthen(holder.content.firstElementChild, answered.get(token));
    });
  };

  function whole(said) {
    const unfolded = new Set([...document.querySelectorAll("#talk details[open]")].map(nameOf));
    const pending = going && turn(going.number);
    document.querySelector("#content").replaceChildren(document.importNode(said, true));
    document.querySelectorAll("#talk details").forEach((details) => { details.open = unfolded.has(nameOf(details)); });
    if (pending) put(pending, going.number);
    document.body.classList.add("ready");
    settle();
    cco.markCurrent();
    const last = log().lastElementChild;
    if (last && !unfolded.size) last.scrollIntoView({ block: "start" });
    resume();
  }

  const nameOf = (details) => `${details.closest(".turn")?.id} ${details.className}`;

  function settle() {
    document.body.classList.toggle("has-turns", Boolean(log()?.children.length));
    document.body.classList.toggle("asking", Boolean(going));
  }

  function fit(area) {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.3)}px`;
  }

  function fill(text) {
    box().value = text;
    try { sessionStorage.setItem("cco-draft", text); } catch { /* as above */ }
    fit(box());
  }

  // ------------------------------------------------------------------------------------------------------- asking

  function ask(question, number = editing || kept.length + 1) {
    if (going || !log()) return;
    if (broken) { resumeWith(question, number); return; }
    const old = turn(number);
    if (number > MOST) { forgetFirst(); number = MOST; }
    going = { token: cco.token(), number, question, before: old, previous: kept[number - 1], heard: performance.now() };
    edit(0);
    fill("");
    cleared = null;
    document.querySelector("#cleared").hidden = true;
    document.querySelector("#problem").textContent = "";
    if (question.trim()) {
      const article = document.querySelector("#pending-turn").content.firstElementChild.cloneNode(true);
      article.querySelector(".asked").textContent = question.trim();
      put(article, number);
      cco.show(article, "start");
    }
    log().setAttribute("aria-busy", "true");
    settle();
    const history = kept.slice(0, number - 1).map((turn) => turn.question);
    const { token } = going;
    cco.parts.talk.trigger("submit", { question, history, number, token, ui: cco.language });
    // Should the page go before the answer comes, this is what is left of the question.
    if (question.trim()) { kept[number - 1] = { question, state: "stopped" }; store(); }
    if (!cco.narrow.matches) box().focus();
    setTimeout(() => watchOver(token), 2500);
  }

  function put(article, number) {
    article.id = `turn-${number}`;
    const old = turn(number);
    if (old) old.replaceWith(article);
    else log().append(article);
  }

  function hear(article) {
    const { number, question } = going;
    going.heard = performance.now();
    if (article.classList.contains("pending")) { put(document.importNode(article, true), number); return; }
    kept[number - 1] = { question, state: "failed" };
    answered.clear();
    answered.set(going.token, kept[number - 1]);
    take(article, kept[number - 1]);
    over(going.token);
  }

  // Takes what is whole to its place, which is where its record is by now, if it has not been cleared or asked anew.
  function take(article, record) {
    const number = kept.indexOf(record) + 1;
    if (!number) return;
    put(document.importNode(article, true), number);
    note(article, record);
    cco.markCurrent();
  }

  // Adds the questions to ask next, and touches nothing else: somebody may be reading there already.
  function lengthen(article, record) {
    const place = turn(kept.indexOf(record) + 1);
    const next = article.querySelector(":scope > .next");
    if (!place || !next || place.querySelector(":scope > .next")) return;
    place.append(document.importNode(next, true));
    note(article, record);
  }

  function note(article, record) {
    Object.keys(record).forEach((key) => { delete record[key]; });
    Object.assign(record, JSON.parse(article.dataset.record));
    store();
  }

  function over(token) {
    if (going?.token !== token) return;
    going = null;
    log().removeAttribute("aria-busy");
    settle();
    cco.markCurrent();
  }

  // A question that cannot be asked comes back, so that it can be mended.
  function refuse(problem) {
    const { number, question, before, previous, token } = going;
    if (previous) kept[number - 1] = previous;
    else kept.length = Math.min(kept.length, number - 1);
    store();
    if (before) put(before, number);
    else turn(number)?.remove();
    document.querySelector("#problem").textContent = problem;
    fill(question);
    over(token);
  }

  function stop() {
    if (!going) return;
    const { question, number, token } = going;
    kept[number - 1] = { question, state: "stopped" };
    store();
    cco.parts.talk.trigger("stop", { question, number, token, ui: cco.language });
  }

  // While an answer is awaited: is the server still there?
  async function watchOver(token) {
    if (going?.token !== token) return;
    let there = false;
    try { there = Boolean(await fetch(new URL("alive", document.baseURI), { cache: "no-store" })); } catch { /* it is not */ }
    if (going?.token !== token) return;
    const silent = performance.now() - going.heard > 90_000;
    if (there && !silent) { setTimeout(() => watchOver(token), 2500); return; }
    const { number, question } = going;
    const article = document.querySelector("#lost-turn").content.firstElementChild.cloneNode(true);
    article.querySelector(".asked").textContent = question;
    put(article, number);
    kept[number - 1] = { question, state: "failed" };
    store();
    broken = true;
    over(token);
  }

  // Gradio does not open its stream of events anew after it broke off; a page that is loaded anew does.
  function resumeWith(question, number) {
    try { sessionStorage.setItem("cco-resume", JSON.stringify({ question, number })); } catch { /* asked by hand then */ }
    location.reload();
  }

  function resume() {
    try {
      const { question, number } = JSON.parse(sessionStorage.getItem("cco-resume"));
      sessionStorage.removeItem("cco-resume");
      ask(question, number);
    } catch { /* there was nothing to go on with */ }
  }

  function forgetFirst() {
    kept.shift();
    log().firstElementChild.remove();
    [...log().children].forEach((article, place) => { article.id = `turn-${place + 1}`; });
  }

  // -------------------------------------------------------------------------------------------- what can be done

  function act(what, button) {
    const number = numberOf(button);
    if (what === "copy") copy(button);
    if (what === "retry") ask(kept[number - 1].question, number);
    if (what === "edit") edit(number);
    if (what === "rate") rate(button, number);
  }

  function edit(number) {
    editing = number;
    document.querySelector("#editing").hidden = !number;
    document.querySelectorAll(".turn.editing").forEach((article) => article.classList.remove("editing"));
    if (!number) return;
    turn(number).classList.add("editing");
    fill(kept[number - 1].question);
    box().focus();
  }

  function say(button, text) {
    const line = button.closest(".actions").querySelector(".done");
    line.textContent = text;
    setTimeout(() => { if (line.textContent === text) line.textContent = ""; }, 4000);
  }

  async function copy(button) {
    const text = button.closest(".turn").dataset.markdown;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard is only there on https and on this machine; elsewhere a selection does it.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    say(button, button.dataset.done);
  }

  async function rate(button, number) {
    const actions = button.closest(".actions");
    const { rating } = button.dataset;
    const earlier = ratings.get(kept[number - 1]);
    const back = earlier?.rating === rating;
    const url = new URL("conversation/rating", document.baseURI);
    url.searchParams.set("ui", cco.language);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ turn: kept[number - 1], rating: back ? null : rating, instead_of: earlier?.id ?? null }),
      });
      if (response.headers.get("Content-Type")?.startsWith("text/plain")) {
        say(button, await response.text());
        return;
      }
      if (!response.ok) throw new Error(response.statusText);
      const { id } = await response.json();
      if (back) ratings.delete(kept[number - 1]);
      else ratings.set(kept[number - 1], { rating, id });
      actions.querySelectorAll("[data-rating]").forEach((other) => {
        other.setAttribute("aria-pressed", String(!back && other.dataset.rating === rating));
      });
      say(button, back ? "" : actions.dataset.rated);
    } catch {
      say(button, actions.dataset.notRated);
    }
  }

  function clear() {
    if (going) stop();
    going = null;
    cleared = { kept, nodes: [...log().children] };
    kept = [];
    store();
    edit(0);
    log().replaceChildren();
    document.querySelector("#cleared").hidden = false;
    settle();
    box().focus();
  }

  function restore() {
    kept = cleared.kept;
    log().replaceChildren(...cleared.nodes);
    cleared = null;
    store();
    document.querySelector("#cleared").hidden = true;
    settle();
    box().focus();
  }

  async function exportAs(form) {
    document.querySelector("#export").open = false;
    const url = new URL(`conversation/export/${form}`, document.baseURI);
    url.searchParams.set("ui", cco.language);
    try {
      const response = await fetch(url, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ turns: kept }),
      });
      if (!response.ok) throw new Error(response.statusText);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await response.blob());
      link.download = `cco-${new Date().toISOString().slice(0, 10)}.${form === "json" ? "json" : "md"}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch {
      cco.notice(cco.message("unreachable"));
    }
  }
})();
