"use strict";

const runs = (() => {
  const colors = ["#3b82e0", "#e0742a", "#2fa36b", "#b65fd0", "#d0a11f", "#e0526e", "#25a5b5", "#8b8f98"];
  const longestSmoothing = 10;
  const mostShown = 8;
  const chosen = new Map(); // name -> { color, steps, losses, evaluations: [{ step, value }] }
  let list = [];
  let stream = null;
  let timer = null;
  let charts = null;

  const percent = value => value == null ? "" : `${(100 * value).toFixed(1)} %`;
  const firstMetric = split => split ? Object.values(split.metrics)[0] : null;

  function choose(name, on) {
    if (on) {
      const used = new Set([...chosen.values()].map(one => one.color));
      chosen.set(name, { color: colors.find(color => !used.has(color)) ?? colors[0], steps: [], losses: [], evaluations: [] });
    } else {
      chosen.delete(name);
    }
    restart();
  }

  function forget(one) {
    Object.assign(one, { steps: [], losses: [], evaluations: [] });
  }

  function take(message) {
    const one = chosen.get(message.run);
    if (!one) return;
    if (message.restarted) forget(one);
    for (const line of message.lines) {
      let event;
      try {
        event = JSON.parse(line);
      } catch {
        continue;
      }
      if (event.event === "step") {
        one.steps.push(event.step);
        one.losses.push(event.loss);
      } else if (event.event === "evaluation") {
        const [name, value] = Object.entries(event.metrics)[0] ?? [];
        one.evaluations.push({ step: event.step, name, value });
      }
    }
    draw();
  }

  // One stream for all shown runs, because browsers limit connections per server.
  async function restart() {
    stream?.abort();
    stream = new AbortController();
    const signal = stream.signal;
    for (const one of chosen.values()) forget(one);
    showList();
    showSettings();
    draw();
    if (chosen.size === 0) return;
    const query = [...chosen.keys()].map(name => `run=${encodeURIComponent(name)}`).join("&");
    try {
      await api.follow(`v1/runs/events?${query}`, signal, take);
    } catch (error) {
      if (signal.aborted) return;
      page.showError(error);
    }
    if (!signal.aborted) setTimeout(() => signal.aborted || restart(), 3000);
  }

  function draw() {
    charts ??= { loss: new Chart(byId("loss"), "Loss", value => value.toPrecision(3)), metric: new Chart(byId("metric"), "Metric", percent) };
    const shown = [...chosen.entries()];
    const smoothing = smoothingWindow(shown.map(([, one]) => one.losses), longestSmoothing);
    charts.loss.show(shown.map(([name, one]) => ({ name, color: one.color, steps: one.steps, values: smooth(one.losses, smoothing) })));
    charts.metric.show(shown.map(([name, one]) => ({ name, color: one.color, steps: one.evaluations.map(e => e.step), values: one.evaluations.map(e => e.value) })));
    const metric = shown.flatMap(([, one]) => one.evaluations)[0]?.name;
    byId("metric-title").textContent = metric ? `Validation ${metric.replaceAll("_", " ")}` : "Validation";
    byId("loss-hint").textContent = shown.length === 0 ? "Choose a run above." : smoothing === 1 ? "Training loss." : `Training loss, mean over ${smoothing} steps.`;
    byId("metric-text").textContent = shown.map(([name, one]) => `${name}: ${one.steps.length} steps, last loss ${one.losses.at(-1)?.toFixed(3) ?? "none"}, ${metric ?? "metric"} ${percent(one.evaluations.at(-1)?.value) || "none"}`).join("; ");
  }

  function showList() {
    const body = byId("runs").tBodies[0];
    const focused = document.activeElement?.dataset?.run;
    body.replaceChildren(...list.map((run, i) => {
      const one = chosen.get(run.name);
      const box = make("input", { type: "checkbox", id: `run-${i}`, checked: Boolean(one), disabled: !one && chosen.size >= mostShown });
      box.dataset.run = run.name;
      box.addEventListener("change", () => choose(run.name, box.checked));
      const label = make("label", { htmlFor: box.id, className: "check" });
      if (one) {
        const swatch = make("span", { className: "swatch" });
        swatch.style.background = one.color;
        label.append(swatch);
      }
      label.append(run.name);
      return make("tr", {},
        make("td", {}, box), make("td", { className: "text" }, label), make("td", { textContent: run.problem ? "damaged" : run.status, title: run.problem ?? "" }),
        make("td", { className: "text", textContent: run.settings?.task ?? run.settings?.data ?? "" }),
        make("td", { className: "number", textContent: percent(firstMetric(run.result?.validation)) }), make("td", { className: "number", textContent: percent(firstMetric(run.result?.test)) }));
    }));
    if (focused !== undefined) [...body.querySelectorAll("input")].find(box => box.dataset.run === focused)?.focus();
  }

  function showSettings() {
    const shown = list.filter(run => chosen.has(run.name) && run.settings);
    const keys = shown.length ? Object.keys(shown[0].settings) : [];
    const text = value => value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    const differs = key => shown.some(run => text(run.settings[key]) !== text(shown[0].settings[key]));
    const only = byId("differences").checked;
    const head = make("thead", {}, make("tr", {}, make("th", { scope: "col", textContent: "Setting" }), ...shown.map(run => make("th", { scope: "col", textContent: run.name }))));
    const rows = keys.filter(key => !only || (differs(key) && !key.startsWith("save_"))).map(key => make("tr", { className: shown.length > 1 && differs(key) ? "differs" : "" },
      make("th", { scope: "row", textContent: key.replaceAll("_", " ") }), ...shown.map(run => make("td", { className: "text", textContent: text(run.settings[key]) }))));
    byId("settings").replaceChildren(head, make("tbody", {}, ...rows));
  }

  async function refresh() {
    try {
      const answer = await api.get("v1/runs");
      const isFirst = list.length === 0;
      const changed = JSON.stringify(answer.runs) !== JSON.stringify(list);
      list = answer.runs;
      byId("no-runs").hidden = list.length > 0;
      byId("no-runs").textContent = "The server's directory of runs is still empty.";
      byId("runs-content").hidden = list.length === 0;
      if (isFirst && list.length > 0 && chosen.size === 0) {
        choose((list.find(run => run.status === "running") ?? list[0]).name, true);
      } else if (changed) {
        showList();
        showSettings();
      }
    } catch (error) {
      if (error.status !== 404) throw error;
      byId("no-runs").hidden = false;
      byId("no-runs").textContent = error.message;
    }
  }

  byId("differences").addEventListener("change", showSettings);
  return {
    open: async () => {
      await refresh();
      clearInterval(timer);
      timer = setInterval(() => refresh().catch(page.showError), 4000);
      if (chosen.size > 0 && (!stream || stream.signal.aborted)) restart();
    },
    close: () => {
      clearInterval(timer);
      stream?.abort();
    },
  };
})();
