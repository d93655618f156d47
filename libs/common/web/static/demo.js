// Asks again for what moves on by itself in a demonstration: the city's time, a fast-forward.
// Must never decide anything: the server has rendered every word.
(() => {
  "use strict";

  const pause = 2000;

  const askAgain = async (id) => {
    const part = document.getElementById(id);
    const address = part && part.dataset.again;
    if (!address) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(address, { headers: { Accept: "text/html" } });
        if (answer.ok) part.outerHTML = await answer.text();
      } catch {
        // The platform is being started again: what is shown stays.
      }
    }
    setTimeout(askAgain, pause, id);
  };

  for (const part of document.querySelectorAll("[data-again]")) askAgain(part.id);
})();
