"use strict";

// Data from the server is inserted into the page as text, never as HTML.
const api = (() => {
  const storage = "residual-prompts-key";

  class ApiError extends Error {
    constructor(status, message) {
      super(message);
      this.status = status;
    }
  }

  function headers(more) {
    const key = sessionStorage.getItem(storage);
    return key ? { ...more, Authorization: `Bearer ${key}` } : more;
  }

  async function call(path, options = {}) {
    let response;
    try {
      response = await fetch(path, { ...options, headers: headers(options.headers ?? {}) });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0, "The server cannot be reached.");
    }
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      throw new ApiError(response.status, problem.detail ?? `The server answered with status ${response.status}.`);
    }
    return response;
  }

  // Server-sent events through fetch, because EventSource cannot send an API key.
  async function follow(path, signal, onEvent) {
    const response = await call(path, { signal });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const events = text.split("\n\n");
      text = events.pop();
      for (const event of events) {
        const data = event.split("\n").filter(line => line.startsWith("data:")).map(line => line.slice(5).trimStart()).join("\n");
        if (data) onEvent(JSON.parse(data));
      }
    }
  }

  return {
    get: async path => (await call(path)).json(),
    post: async (path, body) => (await call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json(),
    follow,
    useKey: key => sessionStorage.setItem(storage, key),
  };
})();

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const byId = id => document.getElementById(id);
