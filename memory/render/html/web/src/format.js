// Figures as a reader wants them. Estimates carry a "~".

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const space = "\u00a0"; // a figure and its unit stay on one line
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export const count = (n) => whole.format(n);

// Counts of a sample are scaled up, and so estimates.
let tilde = "";

export function scaledUp() {
  tilde = "~";
}

/** A count of keys or of elements. */
export const tally = (n) => (n === 0 ? "0" : tilde + count(n));

/** How many keys. */
export const keys = (n) => `${tally(n)} ${n === 1 ? "key" : "keys"}`;

export function bytes(n, about = false) {
  const mark = about && n !== 0 ? "~" : "";
  const sign = n < 0 ? "-" : "";
  let x = Math.abs(n);
  let unit = 0;
  while (x >= 1024 && unit < units.length - 1) {
    x /= 1024;
    unit++;
  }
  let digits = unit === 0 || x >= 100 ? 0 : x >= 10 ? 1 : 2;
  if (Number(x.toFixed(digits)) >= 1024 && unit < units.length - 1) {
    x /= 1024;
    unit++;
    digits = 2;
  }
  return `${mark}${sign}${x.toFixed(digits)}${space}${units[unit]}`;
}

/** A power of two as the bound of a bin: 64 B, 2 KiB. */
export function bound(n) {
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${Number.isInteger(n) ? n : n.toFixed(1)}${space}${units[unit]}`;
}

/** Every byte of it, for who wants to check. */
export const exactly = (n, about = false) => `${about ? "~" : ""}${count(n)} bytes`;

/** A tally in three figures or four: 1,234, 56.7 k, 8.90 M. */
export function short(n) {
  if (n < 10000) return tally(n);
  const names = ["", "k", "M", "G", "T"];
  let unit = 0;
  while (n >= 1000 && unit < names.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${tilde}${n.toFixed(n >= 100 ? 0 : n >= 10 ? 1 : 2)}${space}${names[unit]}`;
}

export function share(part, all) {
  if (!(all > 0) || !(part > 0)) return `0${space}%`;
  const p = (100 * part) / all;
  if (p < 0.1) return `<0.1${space}%`;
  return `${p >= 99.95 || p >= 10 ? Math.round(p) : p.toFixed(1)}${space}%`;
}

/** How many, and of what: 1 key, 2 keys. */
export const many = (n, one, more = `${one}s`) => `${count(n)} ${n === 1 ? one : more}`;

export function moment(ms) {
  const d = new Date(ms);
  if (Number.isNaN(d.getTime())) return "";
  return `${d.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const spans = [[365 * 86400, "year"], [30 * 86400, "month"], [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];

/** A time to live in one unit: 3 days. */
export function span(ms) {
  const s = Math.abs(ms) / 1000;
  for (const [length, unit] of spans) {
    if (s >= length) {
      const n = Math.floor(s / length);
      return `${count(n)} ${unit}${n === 1 ? "" : "s"}`;
    }
  }
  return "less than a second";
}

export function expiry(at, now) {
  if (at < 0) return "never";
  if (at <= now) return "expired";
  return `in ${span(at - now)}`;
}
