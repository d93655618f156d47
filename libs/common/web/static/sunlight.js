// What staff pages do beyond htmx: say when the stream is lost, mark a changed number, draw charts.
// Must never decide anything: the server has rendered every word.
(() => {
  "use strict";

  const setStream = (lost) => {
    for (const strip of document.querySelectorAll("[data-stream]")) {
      strip.classList.toggle("is-lost", lost);
      strip.classList.toggle("is-live", !lost);
    }
  };
  // A stream is over after a while and is back in a moment: only one that stays away, or that is
  // refused, is lost.
  const AWAY_MS = 8000;
  let away;
  document.addEventListener("htmx:sseOpen", () => {
    clearTimeout(away);
    away = undefined;
    setStream(false);
  });
  document.addEventListener("htmx:sseError", (event) => {
    if (event.detail.source.readyState === EventSource.CLOSED) setStream(true);
    else away ??= setTimeout(() => setStream(true), AWAY_MS);
  });
  document.addEventListener("htmx:sseClose", () => setStream(true));

  // A changed number is marked for a moment: compare before and after each swap.
  const shown = new Map();
  const remember = (root) => {
    for (const part of root.querySelectorAll("[data-watch]")) {
      const holder = part.closest("[id]");
      if (holder) shown.set(holder.id, part.textContent);
    }
  };
  const markChanges = (root) => {
    for (const part of root.querySelectorAll("[data-watch]")) {
      const holder = part.closest("[id]");
      if (!holder) continue;
      const before = shown.get(holder.id);
      if (before !== undefined && before !== part.textContent) {
        part.classList.add("just-changed");
        setTimeout(() => part.classList.remove("just-changed"), 2500);
      }
      shown.set(holder.id, part.textContent);
    }
  };

  const drawCharts = (root) => {
    if (!window.echarts) return;
    for (const place of root.querySelectorAll("[data-chart]")) {
      if (window.echarts.getInstanceByDom(place)) continue;
      const option = JSON.parse(document.getElementById(place.dataset.chart).textContent);
      // A tooltip in HTML needs inline styles, which the content security policy forbids.
      option.tooltip = { renderMode: "richText", ...option.tooltip };
      const font = getComputedStyle(document.body).fontFamily;
      option.textStyle = { fontFamily: font, ...option.textStyle };
      option.grid = { left: 8, right: 8, top: 24, bottom: 8, containLabel: true, ...option.grid };
      // Long names leave the picture its room; the table under it has them in full.
      const names = { width: Math.floor(place.clientWidth * 0.4), overflow: "truncate" };
      if (option.yAxis?.type === "category") option.yAxis.axisLabel = names;
      option.animation = false;
      const chart = window.echarts.init(place);
      chart.setOption(option);
      new ResizeObserver(() => chart.resize()).observe(place);
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    remember(document);
    drawCharts(document);
  });
  document.addEventListener("htmx:afterSettle", () => {
    markChanges(document);
    drawCharts(document);
  });
})();
