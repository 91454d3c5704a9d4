"use strict";
const words = JSON.parse(document.getElementById("words").textContent);
const root = document.documentElement;
const one = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

// As `messages.number` does.
function figure(value, form, language) {
  const percent = form === "percent";
  const places = percent ? 1 : form === "decimal" ? 3 : form === "tenth" ? 1 : 0;
  const format = new Intl.NumberFormat(language === "pl" ? "pl" : "en", { minimumFractionDigits: places, maximumFractionDigits: places });
  return format.format(percent ? value * 100 : value) + (percent ? "%" : "");
}

function speak(language) {
  root.lang = language;
  const say = (key) => (words[key] || {})[language] || key;
  for (const element of all("[data-t]")) element.textContent = say(element.dataset.t);
  for (const element of all("[data-n]")) element.textContent = figure(Number(element.dataset.n), element.dataset.f, language);
  for (const element of all("[data-of]")) {
    const [a, b] = element.dataset.of.split(" ").map((n) => figure(Number(n), "whole", language));
    element.textContent = say("of").replace("{a}", a).replace("{b}", b);
  }
  for (const element of all("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const element of all("[data-placeholder]")) element.placeholder = say(element.dataset.placeholder);
  document.title = say(one("h1").dataset.t) + " · " + one("h1").dataset.file;
  one("#language").value = language;
  filter();
}

function filter() {
  const output = one("#count");
  if (!output) return;
  const wanted = all(".filters select").map((select) => [select.name, select.value]).filter(([, value]) => value !== "*");
  const text = one("#find").value.trim().toLocaleLowerCase();
  const cards = all(".failed");
  let shown = 0;
  for (const card of cards) {
    const fits = wanted.every(([name, value]) => card.dataset[name] === value) && (!text || card.textContent.toLocaleLowerCase().includes(text));
    card.hidden = !fits;
    shown += fits;
  }
  output.textContent = words.shown[root.lang] + " " + words.of[root.lang].replace("{a}", shown).replace("{b}", cards.length);
}

function preferred() {
  for (const tag of navigator.languages || [navigator.language || ""]) {
    if (/^zh\b.*\b(hant|tw|hk|mo)\b/i.test(tag)) return "zh-Hant";
    if (/^zh\b/i.test(tag)) return "zh-Hans";
    const known = ["pl", "en"].find((name) => tag.toLowerCase().startsWith(name));
    if (known) return known;
  }
  return root.lang;
}

one("#language").addEventListener("change", (event) => speak(event.target.value));
one("#print").addEventListener("click", () => window.print());
for (const select of all(".filters select")) select.addEventListener("change", filter);
if (one("#find")) one("#find").addEventListener("input", filter);
for (const element of all(".scripted")) element.hidden = false;
speak(root.dataset.fixed ? root.lang : preferred());
