"use strict";

// What Streamlit cannot be told from Python: its own English words, where the source pane is scrolled to,
// and where the keyboard is afterwards. Handles no text from documents.

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
  ["Connection error", "Forbindelsen er afbrudt"],
  [
    "Streamlit server is not responding. Are you connected to the internet?",
    "Serveren svarer ikke. Enten er den stoppet, eller også er netværket nede.",
  ],
]);
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

function translate(root) {
  if (root.nodeType !== Node.ELEMENT_NODE || root.closest(FOREIGN)) return;
  for (const element of within(root, "[aria-label], [title]")) {
    if (!element.closest(FOREIGN)) translateElement(element);
  }
  for (const button of within(root, "[class*='st-key-marker-'] button")) {
    const label = button.textContent;
    button.setAttribute("aria-label", label === "vis" ? "vis på siden" : `Vis kilde ${label}`);
  }
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
  const text = document.querySelector("[data-source]");
  const now = text ? text.dataset.source : "";
  if (now === shown) return;
  const opening = text && now.split("-")[0] !== shown.split("-")[0];
  shown = now;
  if (!text) {
    if (opener) document.querySelector(`.${CSS.escape(opener)} button`)?.focus({ preventScroll: true });
    opener = "";
    return;
  }
  const view = text.closest(".stElementContainer");
  const mark = text.querySelector("mark");
  const below = mark ? mark.getBoundingClientRect().bottom - text.getBoundingClientRect().top : 0;
  view.scrollTop = below > view.clientHeight * 0.8 ? below - view.clientHeight * 0.5 : 0;
  if (opening) text.closest(".st-key-source").querySelector("h2")?.focus({ preventScroll: true });
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

document.addEventListener("click", (event) => {
  const copy = event.target.closest("button.copy");
  if (copy) copyAnswer(copy);
  const marker = event.target.closest("[class*='st-key-marker-'], [class*='st-key-read-']");
  if (marker) opener = keyOf(marker);
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector(".st-key-source")?.contains(document.activeElement)) {
    document.querySelector(".st-key-source-close button")?.click();
  }
});

async function copyAnswer(button) {
  const said = button.parentElement.querySelector("[role=status]");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said.textContent = "Kopieret";
  } catch {
    // Browsers keep the clipboard from pages that are not served securely.
    const field = document.createElement("textarea");
    field.value = button.dataset.copy;
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
  followQuestions();
}).observe(document.documentElement, {
  childList: true, subtree: true, attributes: true, attributeFilter: LABELS,
});
translate(document.body);
