"use strict";

const page = {
  showError(error) {
    if (error.status === 401) byId("key-form").hidden = false;
    byId("error").textContent = error.message;
    byId("error").hidden = false;
  },
  clearError() {
    byId("error").hidden = true;
  },
};

(() => {
  const tabs = [...document.querySelectorAll("[role=tab]")];

  const runPrefix = "#runs/";

  // The run that the address names; null when it names none.
  const linkedRun = () => location.hash.startsWith(runPrefix) ? decodeURIComponent(location.hash.slice(runPrefix.length)) : null;

  const [predictTab, runsTab] = [byId("tab-predict"), byId("tab-runs")];

  let isAsked = false; // whether the server has said what it serves

  // Shows a view, once it is known whether there is a model: a server without one shows runs only.
  async function open(tab, run = null) {
    let problem = null;
    if (tab === predictTab || !isAsked) {
      try {
        predictTab.hidden = !(await predict.load());
        isAsked = true;
        if (predictTab.hidden) tab = runsTab;
      } catch (error) {
        if (tab === predictTab) problem = error;
      }
    }
    for (const other of tabs) {
      other.setAttribute("aria-selected", other === tab);
      other.tabIndex = other === tab ? 0 : -1;
      byId(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
    page.clearError();
    document.body.classList.toggle("wide", tab === runsTab);
    try {
      if (tab === runsTab) {
        if (!run) history.replaceState(null, "", "#runs");
        await runs.open(run);
      } else {
        history.replaceState(null, "", "#predict");
        runs.close();
      }
      if (problem) throw problem;
    } catch (error) {
      page.showError(error);
    }
  }

  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      next.focus();
      open(next);
    });
  }

  byId("key-form").addEventListener("submit", event => {
    event.preventDefault();
    api.useKey(byId("key").value);
    byId("key-form").hidden = true;
    open(tabs.find(tab => tab.getAttribute("aria-selected") === "true"));
  });

  function openAddress() {
    open(location.hash.startsWith("#runs") ? runsTab : predictTab, linkedRun());
  }

  addEventListener("hashchange", openAddress);
  openAddress();
})();
