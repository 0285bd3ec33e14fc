// The controls of #tv-panel: search, colours, clusters hidden and shown, the vertex looked at.
// Ids, names and attributes are anybody's: they are written as text, never as markup.
"use strict";

(() => {
  const { count, element, swatch } = tvColours;
  const root = document.getElementById("tv-panel");
  const part = (name) => root.querySelector(`[data-tv="${name}"]`);
  const MOST_HITS = 50;
  const MOST_CLUSTERS = 2000;

  let view, picture, camera;
  const state = { hidden: [], colouring: null, edges: "all", hovered: null, selected: null };

  function say(text) {
    part("said").textContent = text;
  }

  // ---- Moving

  function move(to) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) camera.setState(to);
    else camera.animate(to, { duration: 250 });
  }

  const zoom = (factor) => move({ ratio: camera.getBoundedRatio(camera.ratio * factor) });
  const reset = () => move({ x: 0.5, y: 0.5, ratio: 1 });

  function onKey(event) {
    const step = 0.1 * camera.ratio;
    const keys = {
      ArrowLeft: () => move({ x: camera.x - step }),
      ArrowRight: () => move({ x: camera.x + step }),
      ArrowUp: () => move({ y: camera.y + step }),
      ArrowDown: () => move({ y: camera.y - step }),
      "+": () => zoom(1 / 1.5),
      "=": () => zoom(1 / 1.5),
      "-": () => zoom(1.5),
      0: reset,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    keys[event.key]();
    event.preventDefault();
  }

  // ---- The vertex looked at

  function showVertex() {
    const vertex = state.hovered ?? state.selected;
    if (vertex === null) {
      part("vertex").replaceChildren(element("p", "tv-hint", "Point at a vertex, or search for one."));
      return;
    }
    const facts = element("dl", "tv-facts");
    const add = (name, text) => text !== "" && facts.append(element("dt", "", name), element("dd", "", text));
    add("id", view.ids[vertex]);
    add("cluster", view.clusters.names[view.labels[vertex]]);
    for (const column of view.columns) add(column.name, column.text(vertex));
    part("vertex").replaceChildren(facts);
  }

  function look(how, vertex) {
    state[how] = vertex;
    showVertex();
    picture.sigma.scheduleRender();
  }

  function focusOn(vertex) {
    if (state.hidden[view.labels[vertex]]) {
      state.hidden[view.labels[vertex]] = false;
      changed();
    }
    state.hovered = null;
    look("selected", vertex);
    move(picture.closeUp(vertex));
  }

  // ---- Search

  let folded = null; // ids and names in small letters, once somebody searches
  const nameOf = (vertex) => view.columns.find((column) => column.role === "name")?.text(vertex) ?? "";

  // Whole ids or names first, then beginnings, then parts.
  function hits(text) {
    folded ??= view.ids.map((id, i) => [id.toLowerCase(), nameOf(i).toLowerCase()]);
    const found = [[], [], []];
    folded.forEach((both, i) => {
      if (both.includes(text)) found[0].push(i);
      else if (both.some((each) => each.startsWith(text))) found[1].push(i);
      else if (both.some((each) => each.includes(text))) found[2].push(i);
    });
    return found.flat();
  }

  function hitRow(vertex) {
    const name = nameOf(vertex);
    const button = element("button", "", view.ids[vertex] + (name && name !== view.ids[vertex] ? ` (${name})` : ""));
    button.type = "button";
    button.addEventListener("click", () => focusOn(vertex));
    const row = element("li", "");
    row.append(button);
    return row;
  }

  function search() {
    const text = part("search").value.trim().toLowerCase();
    part("hits-box").hidden = text === "";
    const found = text === "" ? [] : hits(text);
    const sampled = view.n < view.total[0] ? "; the picture has a sample of them" : "";
    part("hits-said").textContent = found.length
      ? `${count(found.length)} found${found.length > MOST_HITS ? `, the first ${MOST_HITS}` : ""}`
      : `No vertex has this in its id${sampled}`;
    part("hits").replaceChildren(...found.slice(0, MOST_HITS).map(hitRow));
  }

  function onSearchKey(event) {
    if (event.key === "Enter") part("hits").querySelector("button")?.click();
    if (event.key !== "Escape") return;
    part("search").value = "";
    search();
  }

  // ---- Colours and clusters

  function listChoices() {
    const all = tvColours.choices(view);
    const group = document.createElement("optgroup");
    group.label = "attributes";
    all.forEach((choice, i) => {
      const option = element("option", "", choice.name);
      option.value = i;
      (choice.role === "attribute" ? group : part("colour")).append(option);
    });
    if (group.children.length) part("colour").append(group);
    state.colouring = all[0].make();
    part("colour").addEventListener("change", () => {
      state.colouring = all[+part("colour").value].make();
      picture.repaint();
      showLegend();
    });
  }

  function showLegend() {
    const { legend, name } = state.colouring;
    part("legend-box").hidden = legend === null;
    part("legend-said").textContent = name;
    part("legend").replaceChildren(...(legend ? legend() : []));
    root.classList.toggle("tv-other-colours", legend !== null);
  }

  function clusterRow(cluster) {
    const { names, sizes, colours } = view.clusters;
    const box = element("input", "");
    box.type = "checkbox";
    box.checked = true;
    box.dataset.cluster = cluster;
    const label = element("label", "");
    label.append(box, swatch(colours[cluster]), element("span", "tv-name", names[cluster]), element("span", "tv-count", count(sizes[cluster])));
    label.title = names[cluster];
    const row = element("li", "");
    row.append(label);
    return row;
  }

  function listClusters() {
    const all = view.clusters.names.map((_, cluster) => cluster);
    const rows = all.slice(0, MOST_CLUSTERS).map(clusterRow);
    if (all.length > MOST_CLUSTERS) rows.push(element("li", "tv-hint", `and ${count(all.length - MOST_CLUSTERS)} more`));
    part("clusters").replaceChildren(...rows);
    part("clusters").addEventListener("change", ({ target }) => {
      state.hidden[+target.dataset.cluster] = !target.checked;
      changed();
    });
  }

  // After clusters were hidden or shown.
  function changed() {
    for (const box of part("clusters").querySelectorAll("input")) box.checked = !state.hidden[+box.dataset.cluster];
    for (const how of ["hovered", "selected"]) {
      if (state[how] !== null && state.hidden[view.labels[state[how]]]) state[how] = null;
    }
    picture.repaint();
    showVertex();
    tell();
  }

  function hideAll(whether) {
    state.hidden.fill(whether);
    changed();
  }

  function tell() {
    const [vertices, edges] = view.total;
    const of = (some, all) => (some < all ? `${count(some)} of ${count(all)}` : count(all));
    const shown = view.labels.reduce((sum, label) => sum + !state.hidden[label], 0);
    const sample = view.n < vertices ? ", drawn from each cluster by its size" : "";
    say(
      `${of(view.n, vertices)} vertices and ${of(view.m, edges)} edges${sample}` +
        `${shown < view.n ? `; hidden are ${count(view.n - shown)} vertices` : ""}. ` +
        "Drag to move; click the picture, then the wheel zooms; point at a vertex to read about it.",
    );
  }

  function listen() {
    const { sigma } = picture;
    const stage = part("stage");
    sigma.on("enterNode", ({ node }) => look("hovered", +node));
    sigma.on("leaveNode", () => look("hovered", null));
    sigma.on("clickNode", ({ node }) => look("selected", +node));
    sigma.on("clickStage", () => look("selected", null));
    stage.addEventListener("keydown", onKey);
    stage.addEventListener("pointerdown", () => stage.focus({ preventScroll: true }));
    // The wheel scrolls the page until the picture was clicked.
    const wheel = (event) => document.activeElement !== stage && !event.ctrlKey && event.stopPropagation();
    stage.addEventListener("wheel", wheel, { capture: true });
    const lost = () => say("The browser took the picture's memory away; reload the page to see it again.");
    stage.addEventListener("webglcontextlost", lost, { capture: true });
    part("in").addEventListener("click", () => zoom(1 / 1.5));
    part("out").addEventListener("click", () => zoom(1.5));
    part("reset").addEventListener("click", reset);
    part("all").addEventListener("click", () => hideAll(false));
    part("none").addEventListener("click", () => hideAll(true));
    part("search").addEventListener("input", search);
    part("search").addEventListener("keydown", onSearchKey);
    part("edges").addEventListener("change", () => {
      state.edges = part("edges").value;
      picture.repaint();
    });
  }

  function hasWebGL() {
    const canvas = document.createElement("canvas");
    const gl = canvas.getContext("webgl2") || canvas.getContext("webgl");
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(gl);
  }

  async function start() {
    view = await tvView(document.getElementById("tv-data").textContent);
    state.hidden = view.clusters.names.map(() => false);
    listChoices();
    listClusters();
    part("body").hidden = false;
    picture = tvPicture(view, part("stage"), state);
    camera = picture.sigma.getCamera();
    listen();
    tell();
    picture.sigma.once("afterRender", () => (root.dataset.ready = Math.round(performance.now())));
    picture.sigma.scheduleRender();
  }

  // Asked only then: a context more takes a browser a third of a second.
  function failed(error) {
    part("body").hidden = true;
    say(
      hasWebGL()
        ? `The interactive picture could not be drawn: ${error.message}`
        : "The interactive picture needs WebGL, which this browser does not offer; all else on this page does without.",
    );
  }

  // After the page around it has been painted.
  requestAnimationFrame(() => setTimeout(() => start().catch(failed)));
})();
