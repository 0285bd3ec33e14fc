// Colours of vertices by what people ask for, and the legends that explain them.
"use strict";

const tvColours = (() => {
  const MISSING = "#c9ced6";
  // From light to dark, which everybody tells apart, in grey too (cividis, turned).
  const SCALE = ["#f3e05f", "#c4b56c", "#958f78", "#666970", "#31446b", "#00204c"];
  const MOST_ROWS = 30;

  const count = (number) => number.toLocaleString("en");
  const short = (value) => String(Number(value.toPrecision(3)));
  const channels = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

  function element(tag, name, text = "") {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.textContent = text;
    return made;
  }

  function swatch(colour) {
    const made = element("span", "tv-swatch");
    made.style.background = colour;
    return made;
  }

  // What sigma blends: a colour already multiplied by its opacity.
  function thin(colour, opacity) {
    const [r, g, b] = channels(colour).map((value) => Math.round(value * opacity));
    return `rgba(${r},${g},${b},${opacity.toFixed(3)})`;
  }

  function onScale(share) {
    const at = Math.min(Math.max(share, 0), 1) * (SCALE.length - 1);
    const [low, high] = [channels(SCALE[Math.floor(at)]), channels(SCALE[Math.ceil(at)])];
    const mixed = low.map((value, i) => Math.round(value + (high[i] - value) * (at % 1)));
    return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  }

  // Ends of the scale: without the outermost fiftieths, unless nothing is left then.
  function range(column, n) {
    const values = [];
    for (let i = 0; i < n; i++) if (column.value(i) !== null) values.push(column.value(i));
    const sorted = Float64Array.from(values).sort();
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
    const [least, low, high, most] = [at(0), at(0.02), at(0.98), at(1)];
    return low < high ? { least, low, high, most } : { least, low: least, high: most, most };
  }

  function byClusters(view) {
    const { colours } = view.clusters;
    const colour = (i) => colours[view.labels[i]];
    return { name: "cluster", colour, edge: colour, legend: null };
  }

  function byNumber(view, column) {
    const ends = range(column, view.n);
    const width = ends.high - ends.low;
    const share = (i) => (width > 0 ? (column.value(i) - ends.low) / width : 0.5);
    let without = 0;
    for (let i = 0; i < view.n; i++) if (column.value(i) === null) without++;
    const colour = (i) => (column.value(i) === null ? MISSING : onScale(share(i)));
    const legend = () => [...(without < view.n ? scale(ends) : []), ...unknown(without)];
    return { name: column.name, colour, legend };
  }

  function byGroup(view, column) {
    const sizes = new Map();
    for (let i = 0; i < view.n; i++) sizes.set(column.value(i), (sizes.get(column.value(i)) || 0) + 1);
    const groups = [...sizes.keys()].filter((value) => value !== "");
    groups.sort((a, b) => sizes.get(b) - sizes.get(a));
    const colours = new Map(groups.map((value, i) => [value, view.palette[i] || MISSING]));
    const colour = (i) => colours.get(column.value(i)) || MISSING;
    const rows = () => groups.slice(0, MOST_ROWS).map((value) => key(colours.get(value), value, sizes.get(value)));
    const others = groups.slice(MOST_ROWS).reduce((sum, value) => sum + sizes.get(value), 0);
    const more = () => (others ? [key(MISSING, `${count(groups.length - MOST_ROWS)} others`, others)] : []);
    return { name: column.name, colour, legend: () => [...rows(), ...more(), ...unknown(sizes.get("") || 0)] };
  }

  function scale({ least, low, high, most }) {
    const bar = element("canvas", "tv-scale");
    [bar.width, bar.height] = [120, 1];
    const pen = bar.getContext("2d");
    for (let i = 0; i < 120; i++) {
      pen.fillStyle = onScale(i / 119);
      pen.fillRect(i, 0, 1, 1);
    }
    const ends = element("div", "tv-ends");
    ends.append(
      element("span", "", `${least < low ? "\u2264 " : ""}${short(low)}`),
      element("span", "", `${most > high ? "\u2265 " : ""}${short(high)}`),
    );
    return [bar, ends];
  }

  function key(colour, name, size) {
    const row = element("div", "tv-key");
    row.append(swatch(colour), element("span", "tv-name", name), element("span", "tv-count", count(size)));
    return row;
  }

  const unknown = (without) => (without ? [key(MISSING, "not known", without)] : []);

  // What vertices can be coloured by, and how.
  function choices(view) {
    const found = [{ name: "cluster", make: () => byClusters(view) }];
    for (const column of view.columns) {
      const by = column.role === "name" ? null : column.number ? byNumber : column.values ? byGroup : null;
      if (by) found.push({ name: column.name, role: column.role, make: () => by(view, column) });
    }
    return found;
  }

  return { MISSING, choices, count, element, swatch, thin };
})();
