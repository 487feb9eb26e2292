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

  async function open(tab) {
    for (const other of tabs) {
      other.setAttribute("aria-selected", other === tab);
      other.tabIndex = other === tab ? 0 : -1;
      byId(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
    page.clearError();
    try {
      if (tab.id === "tab-runs") {
        history.replaceState(null, "", "#runs");
        await runs.open();
      } else {
        history.replaceState(null, "", "#predict");
        runs.close();
        await predict.load();
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

  open(tabs.find(tab => location.hash === "#runs" && tab.id === "tab-runs") ?? tabs[0]);
})();
