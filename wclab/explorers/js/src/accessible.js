/** Names for the controls around the canvas: ipywidgets gives its handles and boxes none. */

/**
 * Name every handle and box of an explorer, now and when more are added.
 * @param {Element} root
 * @returns {() => void} stops watching
 */
export function nameControls(root) {
  let pending = 0;
  const soon = () => {
    pending ||= requestAnimationFrame(() => {
      pending = 0;
      root.querySelectorAll(".noUi-handle").forEach(nameHandle);
      root.querySelectorAll("input").forEach(nameBox);
    });
  };
  const observer = new MutationObserver(soon);
  observer.observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["aria-valuenow", "aria-valuetext"],
  });
  soon();
  return () => {
    cancelAnimationFrame(pending);
    observer.disconnect();
  };
}

/** @param {Element} handle */
function nameHandle(handle) {
  const widget = handle.closest(".widget-slider");
  const row = handle.closest(".wclab-control");
  set(handle, "aria-label", nameOf(widget) || nameOf(row) || "slider");
  const shown = valueOf(row) || (widget?.querySelector(".widget-readout")?.textContent ?? "");
  if (shown.trim()) set(handle, "aria-valuetext", shown.trim());
}

/** @param {HTMLInputElement} box */
function nameBox(box) {
  const row = box.closest(".wclab-control");
  if (!row || box.labels?.length && box.labels[0].textContent?.trim()) return;
  const widget = row.querySelector(".widget-slider");
  set(box, "aria-label", nameOf(widget) || nameOf(row) || "value");
}

/** The number in the box beside a slider, which a logarithmic slider's own value is not. @param {Element | null} row */
function valueOf(row) {
  return row?.querySelector("input")?.value ?? "";
}

/**
 * The name of a control: its tooltip, or else the text of its label without what only the eye needs.
 * @param {Element | null} element
 * @returns {string}
 */
function nameOf(element) {
  if (!element) return "";
  const label = element.querySelector(".widget-label, .wclab-label");
  const title = element.getAttribute("title") || label?.getAttribute("title");
  const text = label?.querySelector("mjx-assistive-mml")?.textContent ?? label?.textContent ?? "";
  return (title || text).trim();
}

/** @param {Element} element @param {string} name @param {string} value */
function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
