// The page's own script: sends questions, opens sources beside the conversation, remembers the language.
// What is shown is rendered on the server (ui/render.py, ui/reading.py); nothing here makes HTML from text.
const cco = (() => {
  const LANGUAGES = ["zh-Hans", "zh-Hant", "pl", "en"];
  const parts = {};
  const narrow = matchMedia("(max-width: 60rem)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let language = remembered() || preferred();
  let sent = "";
  let pane, opener, address;

  function remembered() {
    try {
      const kept = localStorage.getItem("cco-language");
      return LANGUAGES.includes(kept) ? kept : null;
    } catch { return null; }  // storage may be switched off
  }

  function preferred() {
    for (const tag of navigator.languages || [navigator.language]) {
      const low = tag.toLowerCase();
      if (/^zh\b.*(hant|tw|hk|mo)/.test(low)) return "zh-Hant";
      if (low.startsWith("zh")) return "zh-Hans";
      if (low.startsWith("pl")) return "pl";
      if (low.startsWith("en")) return "en";
    }
    return "en";
  }

  function choose(tag) {
    language = tag;
    document.documentElement.lang = tag;
    try { localStorage.setItem("cco-language", tag); } catch { /* as above */ }
    parts.top.trigger("select", { ui: tag });
    if (address && !pane.hidden) open(address);
  }

  // ---------------------------------------------------------------------------------------------------- the parts

  function top(element, trigger, watch) {
    parts.top = { element, trigger };
    makePane();
    element.addEventListener("change", (event) => {
      if (event.target.id === "language") choose(event.target.value);
    });
    watch("value", () => {
      document.title = element.querySelector("h1").textContent;
      const select = element.querySelector("#language");
      select.value = language;
    });
    document.documentElement.lang = language;
    trigger("select", { ui: language });
  }

  function talk(element, trigger, watch) {
    parts.talk = { element, trigger };
    const unfolded = new Set();
    const nameOf = (details) => `${details.closest(".turn")?.id} ${details.className}`;
    element.addEventListener("toggle", (event) => {
      if (event.target.isConnected) unfolded[event.target.open ? "add" : "delete"](nameOf(event.target));
    }, true);
    element.addEventListener("click", (event) => {
      const example = event.target.closest("[data-question]");
      if (example) ask(example.dataset.question);
    });
    let turns = 0;
    watch("value", () => {
      element.querySelectorAll("details").forEach((details) => { details.open = unfolded.has(nameOf(details)); });
      const all = element.querySelectorAll(".turn");
      if (!all.length) unfolded.clear();
      if (all.length > turns) show(all[all.length - 1], "start");
      turns = all.length;
      markCurrent();
    });
  }

  function askPart(element, trigger, watch) {
    parts.ask = { element, trigger };
    element.addEventListener("keydown", (event) => {
      // While an input method composes, Enter takes its candidate; Safari tells by the key code only.
      const composing = event.isComposing || event.keyCode === 229;
      if (event.target.id !== "question" || event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      ask(event.target.value);
    });
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(element.querySelector("#question").value);
    });
    element.addEventListener("input", (event) => fit(event.target));
    element.addEventListener("click", (event) => {
      if (event.target.closest("#stop")) trigger("stop", { ui: language });
      if (event.target.closest("#clear")) {
        trigger("clear", { ui: language });
        box().focus();
      }
    });
    watch("value", () => {
      // A question that was refused comes back, so that it can be mended.
      if (element.querySelector("#problem").textContent && !box().value) { box().value = sent; fit(box()); }
    });
  }

  const box = () => parts.ask.element.querySelector("#question");
  const busy = () => Boolean(document.querySelector(".turn.pending"));

  function fit(area) {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.3)}px`;
  }

  function ask(question) {
    if (busy()) return;
    sent = question;
    box().value = "";
    fit(box());
    parts.ask.trigger("submit", { question, ui: language });
    if (!narrow.matches) box().focus();
  }

  function show(element, block) {
    element.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
  }

  // ------------------------------------------------------------------------------------------------------ the pane

  function makePane() {
    pane = document.createElement("aside");
    pane.id = "pane";
    pane.className = "pane";
    pane.hidden = true;
    document.body.append(pane);
    addEventListener("keydown", (event) => { if (event.key === "Escape" && !pane.hidden) close(); });
    pane.addEventListener("click", (event) => { if (event.target.closest(".close")) close(); });
    narrow.addEventListener("change", settle);
  }

  async function open(href) {
    const url = new URL(href, document.baseURI);
    url.searchParams.set("ui", language);
    url.searchParams.set("part", "1");
    try {
      const response = await fetch(url);
      pane.innerHTML = await response.text();
    } catch {
      const line = document.createElement("p");
      line.className = "pane-body";
      line.textContent = document.querySelector(".top").dataset.unreachable;
      pane.replaceChildren(line);
    }
    address = href;
    pane.hidden = false;
    settle();
    markCurrent();
    const title = pane.querySelector(".pane-title");
    pane.setAttribute("aria-label", title ? title.textContent : "");
    (title || pane).focus({ preventScroll: true });
    const quote = pane.querySelector("#quote");
    if (quote) quote.scrollIntoView({ block: "center" });
    else pane.scrollTop = 0;
  }

  // On a narrow screen the pane is a sheet over the page, which is out of reach until the sheet is closed.
  function settle() {
    const shown = !pane.hidden;
    const sheet = shown && narrow.matches;
    document.documentElement.classList.toggle("reading", shown);
    document.querySelector("gradio-app").inert = sheet;
    if (sheet) { pane.setAttribute("role", "dialog"); pane.setAttribute("aria-modal", "true"); }
    else { pane.removeAttribute("role"); pane.removeAttribute("aria-modal"); }
  }

  function close() {
    pane.hidden = true;
    settle();
    markCurrent();
    if (opener?.isConnected) opener.focus();
  }

  function markCurrent() {
    document.querySelectorAll("#talk [data-pane]").forEach((link) => {
      if (!pane.hidden && link.getAttribute("href") === address) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }

  addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-pane]");
    // With a modifier key a source opens as a page of its own, as any link does.
    if (!pane || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!pane.contains(link)) opener = link;
    open(link.getAttribute("href"));
  });

  return { top, talk, ask: askPart };
})();
window.cco = cco;
