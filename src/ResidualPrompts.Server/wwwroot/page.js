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

  async function open(tab, run = null) {
    for (const other of tabs) {
      other.setAttribute("aria-selected", other === tab);
      other.tabIndex = other === tab ? 0 : -1;
      byId(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
    page.clearError();
    document.body.classList.toggle("wide", tab.id === "tab-runs");
    try {
      if (tab.id === "tab-runs") {
        if (!run) history.replaceState(null, "", "#runs");
        await runs.open(run);
      } else {
        history.replaceState(null, "", "#predict");
        runs.close();
        if (!(await predict.load())) {
          tab.hidden = true;
          await open(tabs.find(other => other.id === "tab-runs"));
        }
      }
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
    const tab = tabs.find(one => location.hash.startsWith("#runs") && one.id === "tab-runs") ?? tabs[0];
    open(tab, linkedRun());
  }

  addEventListener("hashchange", openAddress);
  openAddress();
})();
