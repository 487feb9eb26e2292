"use strict";

const predict = (() => {
  let prompts = [];

  const chosen = () => prompts.find(prompt => prompt.name === byId("prompt").value);

  // Field names of a template; {{ and }} are escaped braces.
  function fieldsOf(template) {
    const names = [...template.replaceAll("{{", "").replaceAll("}}", "").matchAll(/\{([^{}]+)\}/g)].map(match => match[1].trim());
    return [...new Set(names)];
  }

  function showFields() {
    const prompt = chosen();
    const fields = prompt?.template ? fieldsOf(prompt.template) : null;
    const kept = new Map([...byId("fields").querySelectorAll("textarea")].map(area => [area.name, area.value]));
    const names = fields ?? [""];
    byId("fields").replaceChildren(byId("fields").querySelector("legend"), ...names.map((name, i) => {
      const id = `field-${i}`;
      const area = make("textarea", { id, name, value: kept.get(name) ?? (kept.size === 1 && names.length === 1 ? [...kept.values()][0] : ""), required: true, spellcheck: false });
      area.addEventListener("keydown", event => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("predict-form").requestSubmit();
      });
      return make("div", { className: "field" }, make("label", { htmlFor: id, textContent: name || "Model input" }), area);
    }));
    byId("labels").value = prompt?.labels?.join(", ") ?? "";
    byId("labels").required = !prompt?.labels;
    byId("prompt-hint").textContent = !prompt ? "" : prompt.problem ? `Problem: ${prompt.problem}`
      : prompt.name === "none" ? "The model alone, without a prompt."
      : `${prompt.num_virtual_tokens} virtual tokens${prompt.task ? `, task ${prompt.task}` : ""}${prompt.template ? `, template ${prompt.template}` : ""}`;
  }

  function showResult(prediction, milliseconds) {
    const labels = Object.entries(prediction.probabilities).sort((a, b) => b[1] - a[1]);
    byId("label").textContent = prediction.label;
    byId("bars").replaceChildren(...labels.map(([label, probability]) => {
      const numbers = `${(100 * probability).toFixed(1)} % · ${prediction.scores[label].toFixed(3)}`;
      const name = make("span", { className: "name", textContent: label });
      const bar = make("progress", { max: 1, value: probability });
      bar.setAttribute("aria-label", `Probability of ${label}`);
      return make("div", { className: label === prediction.label ? "bar best" : "bar" }, make("div", { className: "row" }, name, make("span", { className: "numbers", textContent: numbers })), bar);
    }));
    byId("latency").textContent = `Probability · log-likelihood. Answered in ${milliseconds.toFixed(0)} ms.`;
    byId("result").hidden = false;
  }

  async function submit(event) {
    event.preventDefault();
    const prompt = chosen();
    const areas = [...byId("fields").querySelectorAll("textarea")];
    const input = prompt?.template ? Object.fromEntries(areas.map(area => [area.name, area.value])) : areas[0].value;
    const labels = byId("labels").value.split(",").map(label => label.trim()).filter(label => label);
    const body = { prompt: byId("prompt").value, inputs: [input] };
    if (labels.length && labels.join() !== prompt?.labels?.join()) body.labels = labels;
    const button = byId("predict-form").querySelector("button.primary");
    button.disabled = true;
    try {
      const start = performance.now();
      const answer = await api.post("v1/predict", body);
      showResult(answer.predictions[0], performance.now() - start);
      page.clearError();
    } catch (error) {
      byId("result").hidden = true;
      page.showError(error);
    } finally {
      button.disabled = false;
    }
  }

  // False if the server has no model: it shows runs only.
  async function load() {
    const answer = await api.get("v1/prompts");
    prompts = answer.prompts.filter(prompt => prompt.num_virtual_tokens !== null);
    byId("model").textContent = answer.model ? `Model ${answer.model}` : "Runs only, no model";
    if (!answer.model) return false;
    const before = byId("prompt").value;
    byId("prompt").replaceChildren(...prompts.map(prompt => make("option", { value: prompt.name, textContent: prompt.name })));
    const first = prompts.find(prompt => prompt.name === before) ?? prompts.find(prompt => prompt.name !== "none") ?? prompts[0];
    byId("prompt").value = first.name;
    showFields();
    return true;
  }

  byId("prompt").addEventListener("change", showFields);
  byId("predict-form").addEventListener("submit", submit);
  return { load };
})();
