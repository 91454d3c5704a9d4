// While the program starts: says what it is doing, and opens the page at this address once that is there.
(() => {
  const [texts, first] = ["texts", "step"].map((id) => JSON.parse(document.getElementById(id).textContent));
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const [label, count, bar, then, gone] = ["label", "count", "bar", "then", "gone"].map(part);
  let language = document.documentElement.lang, missed = 0;
  try {
    const kept = localStorage.getItem("cco-language");  // as the page itself keeps it
    if (!new URLSearchParams(location.search).has("ui") && kept in texts) language = kept;
  } catch { /* storage may be switched off */ }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;  // what stays the same is not read out again
  }

  function speak() {
    const words = texts[language];
    document.documentElement.lang = language;
    document.title = `${words.starting} · ${words.product}`;
    put(part("product"), words.product);
    put(then, words.starting_then);
    put(gone, missed > 1 ? words.starting_gone : "");
    gone.hidden = missed < 2;
    label.parentElement.hidden = bar.hidden = then.hidden = missed > 1;
  }

  function show({ step, done, total }) {
    const words = texts[language];
    put(label, words[`step_${step}`]);
    put(count, total ? words.step_count.replace("{done}", done).replace("{total}", total) : "");
    bar.setAttribute("aria-label", words[`step_${step}`]);
    if (total) { bar.max = total; bar.value = done; } else { bar.removeAttribute("value"); }
  }

  async function look() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const { starting } = await answer.json();
      if (!starting) { location.reload(); return; }
      missed = 0;
      show(starting);
    } catch { missed += 1; }
    speak();
    setTimeout(look, missed > 1 ? 2000 : 400);
  }

  speak();
  show(first);
  look();
})();
