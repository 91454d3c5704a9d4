// The page's own script. What is shown is rendered on the server (ui/*.py); nothing here makes HTML from text.
// This part: the language, the way between the pages, and what the other parts share.
const cco = { parts: {} };
(() => {
  const LANGUAGES = ["zh-Hans", "zh-Hant", "pl", "en"];
  const PAGES = ["ask", "library", "concepts", "evaluation", "settings"];
  const narrow = matchMedia("(max-width: 60rem)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let shown = "", asked = 0;

  cco.narrow = narrow;
  cco.kept = (key, fallback) => {
    try { return localStorage.getItem(key) ?? fallback; } catch { return fallback; }  // storage may be switched off
  };
  cco.keep = (key, value) => {
    try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); return true; } catch { return false; }
  };
  cco.show = (element, block) => element.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
  cco.language = LANGUAGES.includes(cco.kept("cco-language")) ? cco.kept("cco-language") : preferred();
  cco.message = (name) => document.querySelector(".rail")?.dataset[name] ?? "";

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
    cco.language = tag;
    document.documentElement.lang = tag;
    cco.keep("cco-language", tag);
    cco.begin();
    cco.reopen();
    shown = "";
    route();
  }

  // Everything in the chosen language; what comes of it arrives in the part "live".
  cco.begin = () => {
    document.documentElement.lang = cco.language;
    cco.parts.top.trigger("select", { ui: cco.language, turns: cco.turns(), token: cco.token() });
  };

  // Past the way between the pages, to where this one begins.
  addEventListener("click", (event) => {
    if (!event.target.closest?.(".skip")) return;
    event.preventDefault();
    const first = document.body.dataset.page === "ask" ? "#question" : "#page h1";
    document.querySelector(first)?.focus();
  });

  cco.token = () => `t${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;

  cco.top = (element, trigger, watch) => {
    cco.parts.top = { element, trigger };
    cco.makePane();
    element.addEventListener("change", (event) => {
      if (event.target.id === "language") choose(event.target.value);
    });
    watch("value", () => {
      element.querySelector("#language").value = cco.language;
      markPage();
      rename();
    });
    cco.begin();
  };

  // --------------------------------------------------------------------------------------------------- the pages

  function wanted() {
    const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
    return { name: PAGES.includes(name) ? name : "ask", detail: rest.join("/") };
  }

  async function route() {
    const { name, detail } = wanted();
    const key = `${name}/${detail}`;
    document.body.dataset.page = name;
    markPage();
    if (key === shown) return;
    const first = shown === "";
    shown = key;
    document.querySelector("#page").scrollTop = 0;
    if (name !== "ask") await cco.load(`pages/${name}${detail ? `/${detail}` : ""}`);
    rename();
    if (!first && name !== "ask") document.querySelector("#page h1")?.focus({ preventScroll: true });
    if (!first && name === "ask" && !narrow.matches) document.querySelector("#question")?.focus();
  }

  function markPage() {
    document.querySelectorAll(".rail [data-page]").forEach((link) => {
      if (link.dataset.page === document.body.dataset.page) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
  }

  function rename() {
    const current = document.querySelector('.rail [aria-current="page"]');
    const product = cco.message("product");
    document.title = current && document.body.dataset.page !== "ask" ? `${current.textContent.trim()} · ${product}` : product;
  }

  cco.page = (element) => {
    cco.parts.page = { element };
    element.innerHTML = "";
    const main = document.createElement("main");
    main.id = "sheet";
    element.append(main);
    route();
  };

  // Fetches a page, or a part of one, and puts it in place; the newest request wins.
  cco.load = async (address, { into = document.querySelector("#sheet"), method = "GET", body } = {}) => {
    const mine = ++asked;
    const url = new URL(address, document.baseURI);
    url.searchParams.set("ui", cco.language);
    into.setAttribute("aria-busy", "true");
    try {
      const headers = typeof body === "string" ? { "Content-Type": "application/json" } : {};
      const response = await fetch(url, { method, body, headers });
      if (response.status === 401) { location.reload(); return false; } // to where one signs in
      const html = await response.text();
      if (mine !== asked) return false;
      if (!(response.headers.get("content-type") || "").startsWith("text/html")) throw new Error(html);
      place(into, html);
      return response.ok;
    } catch {
      if (mine === asked) cco.notice(cco.message("unreachable"));
      return false;
    } finally {
      into.removeAttribute("aria-busy");
    }
  };

  function place(into, html) {
    const active = into.contains(document.activeElement) ? document.activeElement.id : "";
    const scrolled = into.scrollTop;
    into.innerHTML = html;
    into.scrollTop = scrolled;
    const first = into.querySelector("[data-focus]");
    if (first) first.focus();
    else if (active) (document.getElementById(active) || into.querySelector("h1"))?.focus({ preventScroll: true });
    cco.notice(into.querySelector("[data-notice]")?.textContent ?? "");
    cco.dressed?.(into);
  }

  // One line that screen readers say aloud and that goes by itself.
  let gone;
  cco.notice = (text) => {
    let line = document.querySelector("#notice");
    if (!line) {
      line = document.createElement("p");
      line.id = "notice";
      line.setAttribute("role", "status");
      document.body.append(line);
    }
    clearTimeout(gone);
    line.textContent = text;
    line.hidden = !text;
    if (text) gone = setTimeout(() => { line.hidden = true; }, 8000);
  };

  addEventListener("hashchange", () => { if (!/^#(content|quote)/.test(location.hash)) route(); });
})();
window.cco = cco;
