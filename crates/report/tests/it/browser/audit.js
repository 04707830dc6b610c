// Measures each page in its frame; writes what it found as JSON into #audit. Runs outside of the page, so that
// the page is judged as it is shipped.
"use strict";

function audit(frame) {
  const win = frame.contentWindow, doc = frame.contentDocument, root = doc.documentElement;
  const found = { overflow: [], clipped: [], contrast: [], plots: 0, flat: [], texts: 0, worst: 21 };
  const name = (element) => element.tagName.toLowerCase() + (element.getAttribute("class") ? "." + element.getAttribute("class").split(" ").join(".") : "");
  const shows = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const scrolls = (element) => element.closest(".scroll") !== null && element.closest(".scroll") !== element;
  const away = (element) => element.getBoundingClientRect().right < 0;

  found.width = root.clientWidth;
  found.height = root.scrollHeight;
  found.dark = win.matchMedia("(prefers-color-scheme: dark)").matches;
  found.loaded = win.performance.getEntriesByType("resource").map((entry) => entry.name);
  found.filters = doc.querySelectorAll(".filter input").length;
  if (root.scrollWidth > root.clientWidth) found.overflow.push("the page: " + root.scrollWidth);

  for (const element of doc.body.querySelectorAll("*")) {
    if (!shows(element) || away(element) || element.closest("svg.defs")) continue;
    const box = element.getBoundingClientRect(), style = win.getComputedStyle(element);
    if (!scrolls(element) && element.closest("svg") === null && box.right > root.clientWidth + 1) {
      found.overflow.push(name(element) + ": " + Math.round(box.right));
    }
    const hides = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
    if (hides && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)) {
      found.clipped.push(name(element));
    }
    if (style.textOverflow === "ellipsis") found.clipped.push(name(element) + ": ellipsis");
  }

  const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    if (!text.data.trim() || !shows(element) || away(element) || element.closest("script, style, svg")) continue;
    const range = doc.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) found.clipped.push("no room for a text in " + name(element));
    found.texts += 1;
    const style = win.getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight, 10) >= 700);
    const ratio = contrast(colour(style.color), paper(element, win));
    found.worst = Math.min(found.worst, ratio);
    if (ratio < (large ? 3 : 4.5)) found.contrast.push(name(element) + ": " + ratio.toFixed(2) + " " + text.data.trim().slice(0, 30));
  }

  for (const plot of doc.querySelectorAll("svg.plot, svg.swatch")) {
    const box = plot.getBoundingClientRect();
    found.plots += 1;
    if (box.width < 1 || box.height < 1) found.flat.push(name(plot));
    for (const part of plot.querySelectorAll("rect")) {
      const inside = part.getBoundingClientRect();
      if (inside.width <= 0 || inside.height <= 0) found.flat.push(name(part));
      if (inside.left < box.left - 2 || inside.right > box.right + 2) found.overflow.push(name(part) + " in its plot");
    }
  }
  return found;
}

// Red, green, blue from 0 to 255, alpha from 0 to 1.
function colour(text) {
  const parts = text.match(/[\d.]+/g).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
}

// What lies under the letters of an element: its backgrounds, from the page up.
function paper(element, win) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) layers.push(colour(win.getComputedStyle(at).backgroundColor));
  return layers.reverse().reduce((below, layer) => blend(layer, below), { rgb: [255, 255, 255], alpha: 1 });
}

function blend(above, below) {
  const rgb = above.rgb.map((part, n) => part * above.alpha + below.rgb[n] * (1 - above.alpha));
  return { rgb: rgb, alpha: 1 };
}

// WCAG 2.2, definitions of relative luminance and contrast ratio.
function contrast(ink, under) {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [luminance(blend(ink, under).rgb), luminance(under.rgb)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

window.addEventListener("load", () => {
  const results = {};
  for (const frame of document.querySelectorAll("iframe")) {
    try {
      results[frame.name] = audit(frame);
    } catch (error) {
      results[frame.name] = { failed: String(error) };
    }
    frame.remove();
  }
  const told = document.createElement("pre");
  told.id = "audit";
  told.textContent = JSON.stringify(results);
  document.body.appendChild(told);
});
