// Reads what packing.py wrote: `tvView(text)` gives vertices, edges and columns.
"use strict";

const tvView = (() => {
  const KINDS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array };

  // Letters of base64 as the bytes that were compressed.
  async function unpacked(letters) {
    const binary = atob(letters);
    const packed = new Uint8Array(binary.length);
    for (let i = 0; i < packed.length; i++) packed[i] = binary.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // `count` numbers of `width` bytes, of which the bytes stand plane by plane, the lowest first.
  function numbers(bytes, [first, count, width], Kind = KINDS[width]) {
    const found = new Uint8Array(count * width);
    for (let plane = 0; plane < width; plane++) {
      const start = first + plane * count;
      for (let i = 0; i < count; i++) found[i * width + plane] = bytes[start + i];
    }
    return new Kind(found.buffer);
  }

  function texts(bytes, [first, count]) {
    return JSON.parse(new TextDecoder().decode(bytes.subarray(first, first + count)));
  }

  // With as many digits as mean something; whole numbers with all.
  const written = (value, digits) =>
    value === null || Number.isNaN(value) ? "" : String(Number.isSafeInteger(value) && digits > 3 ? value : Number(value.toPrecision(digits)));

  // A column with `value(i)`, null or "" where missing, and `text(i)` to be read.
  function column(bytes, about) {
    const { role, name, number, values } = about;
    if (about.texts) {
      const all = texts(bytes, about.texts);
      return { role, name, number, value: (i) => all[i], text: (i) => all[i] };
    }
    if (about.codes) {
      const codes = numbers(bytes, about.codes);
      const value = (i) => values[codes[i]];
      const text = number ? (i) => written(value(i), 6) : value;
      return { role, name, number, values, value, text };
    }
    const all = numbers(bytes, about.numbers, Float32Array);
    const text = (i) => written(all[i], about.exact ? 9 : 3);
    return { role, name, number, value: (i) => (Number.isNaN(all[i]) ? null : all[i]), text };
  }

  // Ends of edges from their steps.
  function ends(bytes, facts) {
    const tails = numbers(bytes, facts.tails);
    const heads = numbers(bytes, facts.heads);
    for (let e = 0, at = 0; e < tails.length; e++) {
      at += tails[e];
      tails[e] = at;
      heads[e] += at;
    }
    return { tails, heads };
  }

  return async (text) => {
    const facts = JSON.parse(text);
    const bytes = await unpacked(facts.data);
    const [x, y] = facts.positions.map((place) => numbers(bytes, place));
    return {
      n: facts.vertices,
      m: facts.edges,
      total: facts.total,
      clusters: {
        names: texts(bytes, facts.clusters.names),
        sizes: numbers(bytes, facts.clusters.sizes),
        colours: texts(bytes, facts.clusters.colours),
      },
      palette: facts.palette,
      ids: texts(bytes, facts.ids),
      labels: numbers(bytes, facts.labels),
      columns: facts.columns.map((about) => column(bytes, about)),
      x,
      y,
      ...ends(bytes, facts),
    };
  };
})();
