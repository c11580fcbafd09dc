import { choice } from "./dom.js";

// The choice is kept where the browser lets a file keep something, else for the
// visit.
const kept = "rdbtool-memory-theme";

function recall() {
  try {
    const t = localStorage.getItem(kept);
    return t === "light" || t === "dark" ? t : "auto";
  } catch {
    return "auto";
  }
}

function apply(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function themeChoice() {
  const theme = recall();
  apply(theme);
  const options = [
    { value: "auto", text: "Auto" },
    { value: "light", text: "Light" },
    { value: "dark", text: "Dark" },
  ];
  return choice("Colours", options, theme, (chosen) => {
    apply(chosen);
    try {
      if (chosen === "auto") localStorage.removeItem(kept);
      else localStorage.setItem(kept, chosen);
    } catch {
      // Nothing is kept then.
    }
  });
}
