/** Lines under the picture: what was copied; that the kernel is gone. */

import { plain } from "./text.js";

const GONE =
  "The kernel was restarted, so this figure no longer answers. Run its cell again.";
const STAYS = 5000; // ms

/** @typedef {import("./view.js").View} View */

/**
 * A line that can hold a text.
 * @param {HTMLElement} box
 * @param {string} name
 */
function line(box, name) {
  const element = document.createElement("div");
  element.className = `wclab-status ${name}`;
  element.setAttribute("role", "status");
  box.append(element);
  return element;
}

/**
 * Say so when Python no longer listens.
 * @param {View} view
 * @returns {() => void} stops watching
 */
export function watchKernel({ model, el, box }) {
  const message = line(box, "wclab-gone");
  const check = () => {
    const gone = el.closest(".jupyter-widgets-disconnected") !== null;
    box.classList.toggle("wclab-is-gone", gone);
    if (message.textContent !== (gone ? GONE : "")) message.textContent = gone ? GONE : "";
  };
  const later = () => setTimeout(check, 0); // ipywidgets marks the element after it tells of it
  model.on("comm_live_update", later);
  const observer = new MutationObserver(check);
  observer.observe(el, { attributes: true, attributeFilter: ["class"] });
  check();
  return () => {
    model.off("comm_live_update", later);
    observer.disconnect();
  };
}

/**
 * Copy the picture, or a text, when Python asks for it.
 * @param {View} view
 * @returns {() => void} stops listening
 */
export function watchCopies(view) {
  const message = line(view.box, "wclab-copied");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const say = (/** @type {string} */ text) => {
    message.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => (message.textContent = ""), STAYS);
  };
  const copy = async (/** @type {any} */ content) => {
    if (content?.type !== "copy") return;
    say(typeof content.text === "string" ? await copyText(content.text) : await copyPicture(view));
  };
  view.model.on("msg:custom", copy);
  return () => {
    clearTimeout(timer);
    view.model.off("msg:custom", copy);
  };
}

/** @param {string} text @returns {Promise<string>} what was done */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied to the clipboard.";
  } catch {
    return "The browser did not allow copying: mark the text and copy it with the keyboard.";
  }
}

/** @param {View} view @returns {Promise<string>} what was done */
async function copyPicture({ canvas, frame }) {
  const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ done) => canvas.toBlob(done));
  if (!blob) return "The browser made no picture.";
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    return `Copied the picture${frame.label ? ` “${plain(frame.label)}”` : ""} to the clipboard.`;
  } catch {
    download(blob, "wclab.png");
    return "The browser did not allow copying; the picture is saved as wclab.png.";
  }
}

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
