// Draws a view by sigma: `tvPicture(view, stage, state)`, where `state` says what is hidden,
// coloured, pointed at and chosen.
"use strict";

const tvPicture = (() => {
  const { MISSING, thin } = tvColours;
  const INK = "#11181f";
  const GREY = "#505050"; // without a tint, which opacity in 255 steps would falsify
  // Camera ratios below which edges are drawn stronger, as fewer of them are seen.
  const NEARER = [0.25, 0.06];
  const FEW = 300; // vertices up to which names of clusters stand above them, not on them
  const MOST_NAMES = 30; // in sight
  const MOST_NEIGHBOURS = 3000;

  const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);

  function graphOf(view) {
    const graph = new tvDrawing.Graph({ type: "undirected", multi: true, allowSelfLoops: false });
    const degree = view.columns.find((column) => column.role === "degree");
    let most = 1;
    for (let i = 0; i < view.n; i++) most = Math.max(most, degree.value(i));
    const size = Math.min(26 / Math.pow(view.n, 0.28), 8);
    for (let i = 0; i < view.n; i++) {
      graph.addNode(i, {
        x: view.x[i],
        y: view.y[i],
        size: size * (0.75 + 0.75 * Math.sqrt(degree.value(i) / most)),
        label: shortened(view.ids[i], 40),
        color: MISSING,
        hidden: false,
      });
    }
    for (let e = 0; e < view.m; e++) {
      graph.addUndirectedEdgeWithKey(e, view.tails[e], view.heads[e], { size: 1, color: MISSING, hidden: false });
    }
    return graph;
  }

  // Where names of clusters stand.
  function namePlaces(view) {
    const sums = view.clusters.names.map(() => ({ x: 0, y: 0, n: 0, top: null }));
    for (let i = 0; i < view.n; i++) {
      const sum = sums[view.labels[i]];
      sum.x += view.x[i];
      sum.y += view.y[i];
      sum.n += 1;
      if (sum.top === null || view.y[i] > sum.top.y) sum.top = { x: view.x[i], y: view.y[i] };
    }
    return sums.map(({ x, y, n, top }) => (n && view.n > FEW ? { x: x / n, y: y / n } : top));
  }

  return (view, stage, state) => {
    const graph = graphOf(view);
    const places = namePlaces(view);
    const order = view.clusters.names.map((_, i) => i);
    order.sort((a, b) => view.clusters.sizes[b] - view.clusters.sizes[a]);
    let near = 0; // how many of NEARER the camera has passed

    const isHidden = (vertex) => state.hidden[view.labels[vertex]];

    function paintVertices() {
      graph.forEachNode((node, attributes) => {
        attributes.color = state.colouring.colour(+node);
        attributes.hidden = isHidden(+node);
      });
    }

    // The more edges there are, the fainter each is; those between clusters are fainter than others.
    function paintEdges() {
      const opacity = Math.min(Math.max((18 * (1 + near)) / Math.sqrt(view.m), 0.035), 0.6);
      const [within, between] = [thin(GREY, opacity), thin(GREY, opacity * 0.6)];
      const own = new Map();
      const ownColour = (colour) => own.get(colour) || own.set(colour, thin(colour, opacity)).get(colour);
      graph.forEachEdge((edge, attributes) => {
        const [tail, head] = [view.tails[+edge], view.heads[+edge]];
        const inside = view.labels[tail] === view.labels[head];
        attributes.hidden = state.edges !== "all" && state.edges !== (inside ? "inside" : "between");
        if (!inside) attributes.color = between;
        else attributes.color = state.colouring.edge ? ownColour(state.colouring.edge(tail)) : within;
      });
    }

    paintVertices();
    paintEdges();
    const sigma = new tvDrawing.Sigma(graph, stage, {
      edgeProgramClasses: { line: view.m > 20000 ? tvDrawing.EdgeLineProgram : tvDrawing.EdgeRectangleProgram },
      minEdgeThickness: 1.4,
      labelFont: "system-ui, sans-serif",
      labelSize: 12,
      labelColor: { color: INK },
      labelRenderedSizeThreshold: 8,
      labelDensity: 0.5,
      minCameraRatio: 0.001,
      maxCameraRatio: 4,
      enableCameraRotation: false,
      allowInvalidContainer: true,
      stagePadding: 28,
      zoomingRatio: 1.4,
    });
    sigma.createCanvasContext("marks", { beforeLayer: "mouse", style: { pointerEvents: "none" } });
    sigma.resize(true);

    function repaint() {
      paintVertices();
      paintEdges();
      sigma.refresh({ partialGraph: { nodes: graph.nodes(), edges: graph.edges() }, skipIndexation: true });
    }

    function strengthen() {
      const passed = NEARER.filter((limit) => sigma.getCamera().ratio < limit).length;
      if (passed === near) return;
      near = passed;
      paintEdges();
      sigma.refresh({ partialGraph: { edges: graph.edges() }, skipIndexation: true, schedule: true });
    }

    // Over sigma's canvases: edges of the vertex looked at, and names of clusters.
    function drawMarks() {
      const pen = sigma.getCanvases().marks.getContext("2d");
      const { width, height } = sigma.getDimensions();
      pen.clearRect(0, 0, width, height);
      const looked = state.hovered ?? state.selected;
      if (looked !== null && !isHidden(looked)) drawNeighbours(pen, looked);
      drawNames(pen, width, height);
    }

    const spot = (i) => sigma.graphToViewport({ x: view.x[i], y: view.y[i] });

    function drawNeighbours(pen, vertex) {
      const centre = spot(vertex);
      pen.strokeStyle = INK;
      pen.lineWidth = 1;
      pen.beginPath();
      for (const other of graph.neighbors(vertex).slice(0, MOST_NEIGHBOURS)) {
        if (isHidden(+other)) continue;
        const end = spot(+other);
        pen.moveTo(centre.x, centre.y);
        pen.lineTo(end.x, end.y);
      }
      pen.stroke();
      pen.lineWidth = 2.5;
      pen.beginPath();
      pen.arc(centre.x, centre.y, sigma.scaleSize(graph.getNodeAttribute(vertex, "size")) + 4, 0, 2 * Math.PI);
      pen.stroke();
    }

    // Larger clusters first; a name that would lie on another is left out.
    function drawNames(pen, width, height) {
      pen.font = "600 14px system-ui, sans-serif";
      [pen.textAlign, pen.textBaseline, pen.lineJoin] = ["center", "middle", "round"];
      const taken = [];
      const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
      for (const cluster of order) {
        if (taken.length === MOST_NAMES) break;
        if (state.hidden[cluster] || !places[cluster]) continue;
        const name = shortened(view.clusters.names[cluster], 24);
        const place = sigma.graphToViewport(places[cluster]);
        const [x, y] = [place.x, place.y - (view.n <= FEW ? 20 : 0)];
        const half = pen.measureText(name).width / 2 + 4;
        const box = [x - half, y - 10, x + half, y + 10];
        if (x < 0 || y < 0 || x > width || y > height || taken.some((other) => overlaps(box, other))) continue;
        taken.push(box);
        pen.strokeStyle = "rgba(255,255,255,0.9)";
        pen.lineWidth = 4;
        pen.strokeText(name, x, y);
        pen.fillStyle = INK;
        pen.fillText(name, x, y);
      }
    }

    // The place of a vertex for the camera, near enough to see most of its neighbours.
    function closeUp(vertex) {
      const { x, y } = sigma.getNodeDisplayData(vertex);
      const far = graph.neighbors(vertex).slice(0, MOST_NEIGHBOURS).map((other) => {
        const end = sigma.getNodeDisplayData(other);
        return Math.hypot(end.x - x, end.y - y);
      });
      const most = far.sort((a, b) => a - b)[Math.floor(far.length * 0.75)] ?? 0;
      return { x, y, ratio: Math.min(Math.max(2.5 * most, Math.sqrt(20 / view.n), 0.02), 0.7) };
    }

    sigma.on("afterRender", drawMarks);
    sigma.getCamera().on("updated", strengthen);
    return { sigma, repaint, closeUp };
  };
})();
