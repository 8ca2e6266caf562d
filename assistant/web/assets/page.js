"use strict";

// What Streamlit cannot be told from Python: its own English words, where the source pane is scrolled to,
// where the keyboard is afterwards, what is said aloud and what single keys do. Makes no markup from text.

const WORDS = new Map([
  ["Sidebar", "Sidepanel"],
  ["App pages", "Sider"],
  ["Collapse sidebar", "Skjul sidepanelet"],
  ["Expand sidebar", "Vis sidepanelet"],
  ["Send message", "Send spørgsmålet"],
  ["Open", "Åbn"],
  ["Close", "Luk"],
  ["Dismiss", "Luk"],
  ["Clear all", "Ryd alle"],
  ["Select all", "Vælg alle"],
  ["Selected values", "Valgte"],
  ["Main menu", "Menu"],
  ["progress", "Fremdrift"],
  ["Notifications", "Beskeder"],
  ["Running...", "Arbejder"],
]);
const SENTENCES = new Map([
  ["Skip to main content", "Spring til indholdet"],
  ["No results", "Ingen fundet"],
  ["Press Enter to submit form", "Tryk Enter for at sende"],
  ["Press Enter to apply", "Tryk Enter for at gemme"],
  ["Press ⌘+Enter to apply", "Tryk ⌘+Enter for at gemme"],
  ["Press Ctrl+Enter to apply", "Tryk Ctrl+Enter for at gemme"],
  ["Press ⌘+Enter to submit form", "Tryk ⌘+Enter for at sende"],
  ["Press Ctrl+Enter to submit form", "Tryk Ctrl+Enter for at sende"],
  ["Page not found", "Siden findes ikke"],
  [
    "The page that you have requested does not seem to exist. Running the app's main page.",
    "Adressen fører ikke til nogen side her. Luk denne besked, og begynd fra forsiden.",
  ],
  ["Connection error", "Forbindelsen er afbrudt"],
  [
    "Streamlit server is not responding. Are you connected to the internet?",
    "Serveren svarer ikke. Se efter, om du er på netværket, og vent lidt: siden forbinder selv igen. Det, der "
      + "står på siden, kan læses og kopieres imens. Varer det ved, så sig det til den, der driver siden.",
  ],
]);
const UPLOADING = [
  [/^Upload$/, "Vælg filer", "Vælg fil"],
  [/^file upload$/, "Filer"],
  [/^Add files$/, "Vælg flere filer"],
  [/^add icon$/, ""],
  [/^Drag and drop (?:files|a file) here$/, "Træk filer hertil", "Træk filen hertil"],
  [/^([\d.]+)\s?([KMG]?B) per file(.*)$/, "Højst $1 $2 pr. fil$3"],
  [/^(\d+)\.0\s?([KMG]?B)$/, "$1 $2"],
  [/^(\d+)\.(\d)\s?([KMG]?B)$/, "$1,$2 $3"],
  [/^(?:Error: )?File must be ([\d.]+)\s?([KMG]?B) or smaller\.$/, "Filen må højst fylde $1 $2."],
  [/^(?:Error: )?.* files are not allowed\.$/, "Filer af den slags kan ikke læses."],
  [/^Error: $/, ""],
];
const REMOVE = /^(?:Remove|Delete) (.*)$/s;
const FOREIGN = ".stHtml, .stMarkdown";
const LABELS = ["aria-label", "title"];

function danish(words) {
  const known = WORDS.get(words);
  if (known !== undefined) return known;
  const removed = REMOVE.exec(words);
  return removed ? `Fjern ${removed[1]}` : undefined;
}

function translateElement(element) {
  for (const name of LABELS) {
    const translated = danish(element.getAttribute(name) ?? "");
    if (translated !== undefined) element.setAttribute(name, translated);
  }
}

function within(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  return root.matches(selector) ? [root, ...found] : found;
}

// Streamlit's field for files; its names of files are left alone.
function translateUploads(root) {
  for (const field of within(root, "[data-testid=stFileUploader]")) {
    const several = field.querySelector("input[type=file]")?.multiple ?? true;
    for (const input of within(field, "input, [aria-label='Add files']")) {
      input.setAttribute("aria-label", ofUploads(input.getAttribute("aria-label") ?? "", several));
    }
    const texts = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (!text.parentElement.closest("[data-testid=stFileChipName], label")) {
        const translated = ofUploads(text.data, several);
        if (translated !== text.data) text.data = translated;
      }
    }
  }
}

function ofUploads(words, several) {
  const known = UPLOADING.find(([pattern]) => pattern.test(words));
  if (!known) return words.replace("•", "·");
  const [pattern, danishWords, ofOne = danishWords] = known;
  return words.replace(pattern, several ? danishWords : ofOne).replace("•", "·");
}

function translate(root) {
  if (root.nodeType !== Node.ELEMENT_NODE || root.closest(FOREIGN)) return;
  for (const element of within(root, "[aria-label], [title]")) {
    if (!element.closest(FOREIGN)) translateElement(element);
  }
  for (const button of within(root, "[class*='st-key-marker-'] button")) {
    const label = button.textContent;
    button.setAttribute("aria-label", label === "vis" ? "vis på siden" : `Vis kilde ${label}`);
  }
  translateUploads(root.closest("[data-testid=stFileUploader]") ?? root);
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const known = SENTENCES.get(text.data);
    if (known !== undefined && !text.parentElement.closest(FOREIGN)) text.data = known;
  }
}

let shown = "";
let opener = "";

function keyOf(element) {
  return [...element.classList].find((name) => name.startsWith("st-key-"));
}

function followSource() {
  const pane = document.querySelector(".st-key-source");
  if (!pane) {
    // Before the pane is there, the page may change in other places; whoever opens it is remembered until then.
    if (shown) {
      if (opener) document.querySelector(`.${CSS.escape(opener)} button`)?.focus({ preventScroll: true });
      shown = opener = "";
    }
    return;
  }
  const text = pane.querySelector("[data-source]");
  const now = text ? text.dataset.source : shown;
  if (now === shown) return;
  const opening = now.split("-")[0] !== shown.split("-")[0];
  shown = now;
  showMark(text);
  if (opening) pane.querySelector("h2")?.focus({ preventScroll: true });
}

function showMark(text) {
  const view = text.closest(".st-key-source-body");
  if (!view) return;
  const mark = text.querySelector(text.querySelector(".facsimile") ? ".quote-box" : "mark");
  const below = mark ? mark.getBoundingClientRect().bottom - view.getBoundingClientRect().top + view.scrollTop : 0;
  view.scrollTop = below > view.clientHeight * 0.8 ? below - view.clientHeight * 0.5 : 0;
}

// An item that is moved takes the keyboard along; at either end, to the button that leads back.
let moved = "";

function followMoves() {
  if (!moved || document.activeElement !== document.body) return;
  const back = moved.includes("-up-") ? moved.replace("-up-", "-down-") : moved.replace("-down-", "-up-");
  for (const key of [moved, back]) {
    const button = document.querySelector(`.${CSS.escape(key)} button:not(:disabled)`);
    if (button) {
      button.focus({ preventScroll: true });
      return;
    }
  }
}

document.addEventListener("focusin", (event) => {
  if (moved && !event.target.closest("[class*='st-key-oplaeg-up-'], [class*='st-key-oplaeg-down-']")) moved = "";
});

// What long work says of itself stands at the top of the page; who began it may be far below.
let arrived = "";

function followArrivals() {
  const news = document.querySelector(".st-key-job, .arrive");
  const now = news ? news.textContent.slice(0, 40) : "";
  if (now && (!arrived || now !== arrived) && !(arrived && news.closest(".st-key-job"))) {
    news.scrollIntoView({ block: "center" });
  }
  arrived = now;
}

const HEADER_PIXELS = 64;
let asked = 0;

function followQuestions() {
  const questions = document.querySelectorAll(".question");
  if (questions.length > asked && questions.length > 1) {
    const main = document.querySelector("[data-testid=stMain]");
    const question = questions[questions.length - 1];
    main.scrollTop += question.getBoundingClientRect().top - main.getBoundingClientRect().top - HEADER_PIXELS;
  }
  asked = questions.length;
}

// --- what is said aloud: an answer, once, when it is done ---

const voice = document.createElement("div");
voice.className = "announcer";
voice.setAttribute("aria-live", "polite");
document.body.append(voice);

const SETTLED_MS = 400;
let answered;

function followAnswers() {
  const answers = document.querySelectorAll("[data-answered]");
  const before = answered;
  answered = answers.length;
  // More than one at a time is a conversation that was opened again.
  if (before === undefined || answered !== before + 1) return;
  const said = answers[answered - 1].dataset.answered;
  setTimeout(() => { voice.textContent = said; }, SETTLED_MS);
}

// --- while an answer is made ---

let stopping = false;
let began = 0;

function followWork() {
  const working = document.querySelector(".st-key-working");
  began = working ? began || Date.now() : 0;
  if (stopping && !working) {
    const field = questionField();
    if (field && !field.disabled) {
      stopping = false;
      field.focus();
    }
  }
}

// A page that is left or loaded again in the middle of an answer gives the question back.
const UNDERWAY = "spørgsmål undervejs";
let unfinished = remembered();
let answering = false;

function remembered() {
  try { return sessionStorage.getItem(UNDERWAY); } catch { return null; }
}

function remember(question) {
  try {
    if (question === null) sessionStorage.removeItem(UNDERWAY);
    else sessionStorage.setItem(UNDERWAY, question);
  } catch { /* It then has to be written again. */ }
}

function followUnfinished() {
  const working = document.querySelector("[data-question]");
  if (working && !answering) remember(working.dataset.question);
  // Whoever signs in next may be somebody else.
  if ((answering && !working) || document.querySelector(".st-key-sign-in")) remember(unfinished = null);
  answering = Boolean(working);
  const field = questionField();
  if (unfinished === null || answering || !field || field.disabled) return;
  if (!field.value) write(field, unfinished);
  remember(unfinished = null);
}

// As if it had been typed: React sees what it did not set itself.
function write(field, text) {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const SHOWN_FROM_SECONDS = 3;

setInterval(() => {
  const place = document.querySelector(".working .seconds");
  const seconds = Math.floor((Date.now() - began) / 1000);
  if (place && began && seconds >= SHOWN_FROM_SECONDS) place.textContent = `${seconds} s`;
}, 1000);

// --- the keyboard ---

const CAN_TYPE = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]";
const OVERLAY = "dialog[open], [role=dialog], [role=listbox], [role=menu], [data-baseweb=popover]";
const OFF = "genveje-fra";
const HELP = [
  ["/", "Gå til spørgsmålsfeltet"],
  ["n", "Åbn næste kilde på siden"],
  ["f", "Åbn forrige kilde på siden"],
  ["Esc", "Luk kilden"],
  ["?", "Vis denne oversigt"],
];

function questionField() {
  return document.querySelector(".stChatInput textarea");
}

function kept(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function keep(name, value) {
  try { localStorage.setItem(name, value); } catch { /* It then holds until the page is left. */ }
}

let off = kept(OFF) === "1";

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function showHelp() {
  const box = element("input", { type: "checkbox" });
  box.checked = !off;
  box.addEventListener("change", () => {
    off = !box.checked;
    keep(OFF, off ? "1" : "0");
  });
  const rows = HELP.flatMap(([key, does]) => [
    element("dt", {}, element("kbd", {}, key)), element("dd", {}, does),
  ]);
  const dialog = element("dialog", { class: "shortcuts", "aria-labelledby": "shortcuts-title" },
    element("h2", { id: "shortcuts-title" }, "Genveje"),
    element("p", {}, "De virker, når du ikke skriver i et felt."),
    element("dl", {}, ...rows),
    element("label", {}, box, "Brug genveje med én tast"),
    element("form", { method: "dialog" }, element("button", {}, "Luk")),
  );
  const from = document.activeElement;
  dialog.style.colorScheme = getComputedStyle(document.querySelector(".stApp")).colorScheme;
  dialog.addEventListener("close", () => {
    dialog.remove();
    from?.focus?.({ preventScroll: true });
  });
  // No form is sent: the policy of the page forbids it, and closing is all there is to it.
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function stepSource(by) {
  const markers = [...document.querySelectorAll("[class*='st-key-marker-'] button")];
  if (!markers.length) return;
  let at = markers.findIndex((marker) => marker.closest(`.${CSS.escape(opener || "none")}`));
  if (at < 0) at = markers.findIndex((marker) => marker.getAttribute("kind") === "primary");
  const next = at < 0 ? (by > 0 ? 0 : markers.length - 1) : at + by;
  if (next < 0 || next >= markers.length) {
    voice.textContent = by > 0 ? "Der er ikke flere kilder." : "Det er den første kilde.";
    return;
  }
  markers[next].scrollIntoView({ block: "nearest" });
  markers[next].click();
}

const ACTS = {
  "/": () => questionField()?.focus(),
  "n": () => stepSource(1),
  "f": () => stepSource(-1),
  "?": showHelp,
};
// Streamlit's own, which cannot be turned off: running the page again, and clearing its cache.
const STREAMLIT_KEYS = new Set(["r", "c"]);

window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const focused = document.activeElement;
  if (focused?.matches(CAN_TYPE) || document.querySelector(OVERLAY)) return;
  if (event.key === "Escape") {
    document.querySelector(".st-key-source-close button")?.click();
  } else if (STREAMLIT_KEYS.has(event.key)) {
    event.stopImmediatePropagation();
  } else if (!off && Object.hasOwn(ACTS, event.key)) {
    event.preventDefault();
    ACTS[event.key]();
  }
}, true);

document.addEventListener("click", (event) => {
  const copy = event.target.closest("button[data-copy], button[data-link]");
  if (copy) copyText(copy);
  if (event.target.closest("button.shortcuts-open")) showHelp();
  if (event.target.closest("button.enlarge")) enlarge(event.target.closest("button.enlarge"));
  if (event.target.closest(".st-key-stop")) stopping = true;
  const mover = event.target.closest("[class*='st-key-oplaeg-up-'], [class*='st-key-oplaeg-down-']");
  if (mover) moved = keyOf(mover);
  const marker = event.target.closest("[class*='st-key-marker-'], [class*='st-key-read-']");
  if (marker) opener = keyOf(marker);
}, true);

function enlarge(button) {
  const view = button.parentElement.querySelector(".facsimile-view");
  const larger = view.classList.toggle("enlarged");
  button.setAttribute("aria-pressed", String(larger));
  // What scrolls must be reached with the keyboard, and be named.
  if (larger) {
    view.tabIndex = 0;
    view.setAttribute("role", "region");
    view.setAttribute("aria-label", "Siden, forstørret");
    const mark = view.querySelector(".quote-box");
    view.scrollTo({ left: mark ? mark.offsetLeft - 20 : 0, top: mark ? mark.offsetTop - 60 : 0 });
  } else {
    ["tabindex", "role", "aria-label"].forEach((name) => view.removeAttribute(name));
  }
}

function copied(button) {
  const place = button.dataset.link;
  return place === undefined ? button.dataset.copy : `${location.origin}${location.pathname}?${place}`;
}

async function copyText(button) {
  const said = button.parentElement.querySelector("[role=status]");
  const text = copied(button);
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = "Kopieret";
  } catch {
    // Browsers keep the clipboard from pages that are not served securely.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    said.textContent = document.execCommand("copy") ? "Kopieret" : "Kunne ikke kopieres";
    field.remove();
    button.focus();
  }
}

new MutationObserver((changes) => {
  for (const change of changes) {
    if (change.type === "childList") change.addedNodes.forEach(translate);
    else if (change.type === "attributes") translateElement(change.target);
  }
  followSource();
  followArrivals();
  followMoves();
  followQuestions();
  followAnswers();
  followWork();
  followUnfinished();
}).observe(document.documentElement, {
  childList: true, subtree: true, attributes: true, attributeFilter: LABELS,
});
translate(document.body);
