// Listens to what goes between a page and its server, so that a test can wait until all it asked for is drawn.
//
// Streamlit's own state of the script says nothing between a click and the server's first word about it, which takes
// its time on a busy machine. The messages do: every request is followed by a run that begins, and ends as it should.
(() => {
  "use strict";

  const RERUN = 11; // BackMsg.rerun_script
  const BEGUN = 4; // ForwardMsg.new_session
  const ENDED = 6; // ForwardMsg.script_finished
  const FOR_ANOTHER = 2; // ForwardMsg.FINISHED_EARLY_FOR_RERUN
  let asked = true;
  let running = true;

  class Listening extends WebSocket {
    constructor(...about) {
      super(...about);
      this.addEventListener("message", (event) => {
        if (!(event.data instanceof ArrayBuffer)) return;
        const { field, value } = kind(new Uint8Array(event.data));
        if (field === BEGUN) [asked, running] = [false, true];
        if (field === ENDED && value !== FOR_ANOTHER) running = false;
      });
    }

    send(data) {
      if (ArrayBuffer.isView(data) && kind(data).field === RERUN) asked = true;
      super.send(data);
    }
  }
  window.WebSocket = Listening;

  // The first field of a message that is not its hash or metadata, and its value where it is a number.
  function kind(bytes) {
    let at = 0;
    const number = () => {
      let found = 0;
      for (let power = 1; ; power *= 128) {
        const byte = bytes[at++];
        found += (byte % 128) * power;
        if (byte < 128) return found;
      }
    };
    while (at < bytes.length) {
      const tag = number();
      const field = tag >> 3;
      const value = number(); // of what is not a number, its length
      if (field > 2) return { field, value };
      if (tag % 8 === 2) at += value;
    }
    return { field: 0, value: 0 };
  }

  let changed = performance.now();
  new MutationObserver(() => { changed = performance.now(); }).observe(document, {
    childList: true, subtree: true, characterData: true, attributes: true,
  });

  const QUIET_MS = 120;
  window.settled = () => !asked && !running
    && document.querySelector(".stApp")?.dataset.testScriptState === "notRunning"
    && !document.querySelector("[data-testid=stSkeleton]")
    && performance.now() - changed > QUIET_MS;
})();
