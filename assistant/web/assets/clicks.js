// Clicks that Streamlit takes wrongly: one straight from a field, and one in the sidebar of a narrow window.
(() => {
  "use strict";

  // Streamlit tells the server of a field's last words when the field is left. A click that leaves it and asks for
  // another page or a file at the same moment overtakes them: one of the two is lost. So such a click waits until
  // the page is drawn with the words. Fields of forms are sent with their button.
  const TYPED_IN = "[data-testid=stTextInput] input, [data-testid=stTextArea] textarea";
  const POLL_MS = 30;
  const GRACE_MS = 700;
  const SETTLED_MS = 150;
  const PATIENCE_MS = 8000;
  let unsaid = null;

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches(TYPED_IN) && !field.closest("[data-testid=stForm]")) unsaid = field;
  }, true);

  window.addEventListener("click", (event) => {
    // An answer under way is drawn until it is there: what stops it must not wait for that.
    if (!unsaid || belongs(event.target, unsaid) || event.target.closest(".st-key-stop")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const clicked = event.target.closest("button, a, label, input") ?? event.target;
    const key = [...(clicked.closest("[class*='st-key-']")?.classList ?? [])].find((name) => name.startsWith("st-key-"));
    unsaid.blur();
    unsaid = null;
    whenDrawn(() => {
      // The page may have been drawn with another element in its place.
      const now = clicked.isConnected ? clicked : document.querySelector(`.${CSS.escape(key ?? "none")} button`);
      now?.click();
    });
  }, true);

  // Waits for the run that the field sets off; soon goes on where none comes, for the words were there already.
  function whenDrawn(act) {
    const began = Date.now();
    let ran = false;
    const look = () => {
      const idle = document.querySelector(".stApp")?.dataset.testScriptState === "notRunning";
      const waited = Date.now() - began;
      ran ||= !idle;
      if ((idle && (ran || waited > GRACE_MS)) || waited > PATIENCE_MS) {
        clearInterval(timer);
        states.disconnect();
        // The last elements of a run are put in their places a moment after its end.
        setTimeout(act, SETTLED_MS);
      }
    };
    const states = new MutationObserver(() => {
      ran ||= document.querySelector(".stApp")?.dataset.testScriptState !== "notRunning";
    });
    states.observe(document.querySelector(".stApp"), { attributeFilter: ["data-test-script-state"] });
    const timer = setInterval(look, POLL_MS);
    look();
  }

  // With this key Streamlit tells the words itself. In a field that stands beside its own button it is the button too.
  const WITH_BUTTON = new Map([["st-key-oplaeg-new", ".st-key-oplaeg-add button"]]);

  window.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || (field.matches("textarea") && !event.ctrlKey && !event.metaKey)) return;
    if (field === unsaid) unsaid = null;
    for (const [own, button] of WITH_BUTTON) {
      if (field.closest(`.${own}`)) setTimeout(() => document.querySelector(button)?.click());
    }
  }, true);

  function belongs(target, field) {
    return field.closest("[data-testid=stTextInput], [data-testid=stTextArea]")?.contains(target);
  }

  // In a narrow window the sidebar lies over the page, and stays there when something in it was chosen.
  const NARROW = matchMedia("(max-width: 768px)");
  const CHOSEN = "[data-testid=stSidebarNavLink], .st-key-new-conversation button, [class*='st-key-earlier-'] button";

  document.addEventListener("click", (event) => {
    if (!NARROW.matches || !event.target.closest(CHOSEN) || event.target.closest(".st-key-earlier-more")) return;
    // Streamlit has first to see the click on what is about to be hidden.
    setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
  });
})();
