// The source pane: a whole document beside what is being read, at the quote.
(() => {
  let pane, opener, address;
  let steps = [];  // addresses of the quotes of one answer, in order

  cco.makePane = () => {
    if (pane) return;
    pane = document.createElement("aside");
    pane.id = "pane";
    pane.className = "pane";
    pane.hidden = true;
    document.body.append(pane);
    addEventListener("keydown", (event) => {
      if (pane.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "Escape") close();
      if (event.target.closest?.("input, textarea, select")) return;
      if (event.key === "[" || event.key === "ArrowLeft") step(-1, event);
      if (event.key === "]" || event.key === "ArrowRight") step(1, event);
    });
    pane.addEventListener("click", (event) => {
      const button = event.target.closest("[data-pane-do]");
      if (!button) return;
      if (button.dataset.paneDo === "close") close();
      else step(button.dataset.paneDo === "next" ? 1 : -1, event);
    });
    cco.narrow.addEventListener("change", settle);
  };

  async function open(href, keepFocus = "") {
    const url = new URL(href, document.baseURI);
    url.searchParams.set("ui", cco.language);
    url.searchParams.set("part", "1");
    try {
      const response = await fetch(url);
      pane.innerHTML = await response.text();
    } catch {
      const line = document.createElement("p");
      line.className = "pane-body";
      line.textContent = cco.message("unreachable");
      pane.replaceChildren(line);
    }
    address = href;
    pane.hidden = false;
    settle();
    cco.markCurrent();
    count();
    const title = pane.querySelector(".pane-title");
    pane.setAttribute("aria-label", title ? title.textContent : "");
    ((keepFocus && pane.querySelector(keepFocus)) || title || pane).focus({ preventScroll: true });
    const quote = pane.querySelector("#quote");
    if (quote) quote.scrollIntoView({ block: "center" });
    else pane.scrollTop = 0;
  }

  cco.reopen = () => { if (address && !pane.hidden) open(address); };

  function count() {
    const group = pane.querySelector(".steps");
    const place = steps.indexOf(address);
    if (!group) return;
    group.hidden = place < 0 || steps.length < 2;
    group.querySelector(".count").textContent = `${place + 1} / ${steps.length}`;
    group.querySelector('[data-pane-do="previous"]').disabled = place <= 0;
    group.querySelector('[data-pane-do="next"]').disabled = place >= steps.length - 1;
  }

  function step(by, event) {
    const place = steps.indexOf(address);
    const next = steps[place + by];
    if (place < 0 || !next) return;
    event.preventDefault();
    open(next, event.type === "click" ? `[data-pane-do="${by < 0 ? "previous" : "next"}"]:not(:disabled)` : "");
  }

  // On a narrow screen the pane is a sheet over the page, which is out of reach until the sheet is closed.
  function settle() {
    const shown = !pane.hidden;
    const sheet = shown && cco.narrow.matches;
    document.documentElement.classList.toggle("reading", shown);
    document.querySelector("gradio-app").inert = sheet;
    if (sheet) { pane.setAttribute("role", "dialog"); pane.setAttribute("aria-modal", "true"); }
    else { pane.removeAttribute("role"); pane.removeAttribute("aria-modal"); }
  }

  function close() {
    pane.hidden = true;
    settle();
    cco.markCurrent();
    if (opener?.isConnected) opener.focus();
  }

  cco.markCurrent = () => {
    document.querySelectorAll("gradio-app [data-pane]").forEach((link) => {
      if (pane && !pane.hidden && link.getAttribute("href") === address) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };

  addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-pane]");
    // With a modifier key a source opens as a page of its own, as any link does.
    if (!pane || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!pane.contains(link)) {
      opener = link;
      const among = link.closest(".turn, .quotes");
      steps = among ? [...new Set([...among.querySelectorAll("[data-pane]")].map((other) => other.getAttribute("href")))] : [];
    } else steps = [];
    open(link.getAttribute("href"));
  });

  // ------------------------------------------------------------------------------------- the quote over its number

  let tip;
  function show(link) {
    hide();
    tip = document.createElement("div");
    tip.id = "tip";
    tip.setAttribute("role", "tooltip");
    tip.lang = link.lang;
    tip.textContent = link.dataset.tip;
    document.body.append(tip);
    link.setAttribute("aria-describedby", "tip");
    const at = link.getBoundingClientRect(), size = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left + at.width / 2 - size.width / 2, innerWidth - size.width - 8));
    const above = at.top - size.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : at.bottom + 8}px`;
  }
  function hide() {
    tip?.remove();
    tip = null;
    document.querySelectorAll('[aria-describedby="tip"]').forEach((link) => link.removeAttribute("aria-describedby"));
  }
  for (const [come, go] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    addEventListener(come, (event) => { const link = event.target.closest?.("[data-tip]"); if (link) show(link); });
    addEventListener(go, (event) => { if (event.target.closest?.("[data-tip]")) hide(); });
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  addEventListener("scroll", hide, true);
})();
