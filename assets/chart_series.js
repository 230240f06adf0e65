/* The chart's numbers as the browser holds them: decoded once, searched by time. Nothing here touches the page. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const COLUMNS = ["x", "y", "open", "high", "low", "close"];
  const ARRAYS = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array };
  const PADDING = 0.06; // of a pane's height, above and below its line

  /* A base64 column as a typed array. The same text is the same array, from one drawing to the next and within one: the
     lines share their times. Only what the newest drawing has is kept. */
  function decoder() {
    let kept = new Map();
    let next = new Map();
    return {
      column(told) {
        if (!told || !told.bdata) return told;
        const name = `${told.dtype} ${told.bdata}`;
        const numbers = next.get(name) || kept.get(name) || numbersOf(told);
        next.set(name, numbers);
        return numbers;
      },
      turn() {
        kept = next;
        next = new Map();
      },
    };
  }

  function numbersOf(told) {
    const text = atob(told.bdata);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    return new ARRAYS[told.dtype](bytes.buffer);
  }

  /* The first place in ascending `times` that is not before `time`. */
  function firstFrom(times, time) {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /* Which point stands for `time`, or -1: never one across a hole or where the value is not defined. `near` is how far
     a point speaks for itself, in ms; beyond that only the two ends of a line that is drawn through here do: a hole is
     a row without a value between them. */
  function pointAt(trace, time, near) {
    const { times, values } = trace;
    const after = firstFrom(times, time);
    const sides = [after - 1, after].filter((i) => i >= 0 && i < times.length && Number.isFinite(values[i]));
    const nearest = sides.reduce((best, i) => (best < 0 || Math.abs(times[i] - time) <= Math.abs(times[best] - time) ? i : best), -1);
    if (nearest < 0 || Math.abs(times[nearest] - time) <= Math.max(near, trace.halfMs)) return nearest;
    return sides.length === 2 && !trace.candle ? nearest : -1;
  }

  /* Lowest and highest value from one time to another, null where there is none. The outline of a band runs forth and
     back in time, so all of it is looked at. */
  function extent(trace, from, to) {
    const { times, lows, highs } = trace;
    let low = Infinity;
    let high = -Infinity;
    for (let i = trace.outline ? 0 : firstFrom(times, from); i < times.length && (trace.outline || times[i] <= to); i += 1) {
      if (times[i] < from || times[i] > to) continue;
      if (lows[i] < low) low = lows[i];
      if (highs[i] > high) high = highs[i];
    }
    return low <= high ? [low, high] : null;
  }

  function united(one, other) {
    if (!one || !other) return one || other;
    return [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
  }

  /* Each vertical axis holds what is seen of its lines, with some air. */
  function heights(model, from, to) {
    const found = {};
    for (const trace of model.traces) {
      if (!trace.scales) continue;
      found[trace.axis] = united(found[trace.axis], extent(trace, from, to));
    }
    const zscore = model.traces.find((trace) => trace.pane === "zscore");
    if (zscore) found[zscore.axis] = united(found[zscore.axis], reachOf(model.levels, found[zscore.axis]));
    return Object.fromEntries(
      Object.entries(found).filter(([, range]) => range).map(([axis, [low, high]]) => {
        const air = (high - low || Math.abs(high) * 1e-4 || 1) * PADDING;
        return [axis, [low - air, high + air]];
      }),
    );
  }

  /* The levels are always in reach of the hand, unless one stands so far out that it would flatten the line. */
  function reachOf(levels, seen) {
    if (!levels) return null;
    const farthest = Math.max(seen ? Math.max(Math.abs(seen[0]), Math.abs(seen[1])) : 0, levels.entry * 2.5, 3);
    const top = [levels.entry, levels.stop].filter((level) => level <= farthest).reduce((a, b) => Math.max(a, b), 1);
    return [-top, top];
  }

  /* What the server's drawing says, ready to be drawn and read. Times as the axis shows them, in ms as if they were
     UTC; `offset` is what was added for that. */
  function modelOf(drawing, decoded) {
    const data = drawing.data.map((trace) => {
      const own = { ...trace };
      for (const name of COLUMNS) if (name in trace) own[name] = decoded.column(trace[name]);
      return own;
    });
    decoded.turn();
    const meta = drawing.layout.meta || {};
    const traces = data.map((trace, at) => traceOf(trace, at, meta)).filter((trace) => trace.times && trace.times.length);
    const main = traces.filter((trace) => trace.scales && !trace.outline);
    return {
      data,
      layout: drawing.layout,
      traces,
      panes: meta.panes || [],
      levels: meta.levels || null,
      barMs: meta.bar_ms || 0,
      offset: ((meta.zone && meta.zone.offset_minutes) || 0) * 60000,
      zone: (meta.zone && meta.zone.name) || "UTC",
      stretches: meta.stretches || [],
      first: Math.min(...main.map((trace) => trace.times[0])),
      last: Math.max(...main.map((trace) => trace.times[trace.times.length - 1])),
    };
  }

  function traceOf(trace, at, { bar_ms: barMs }) {
    const meta = trace.meta || {};
    const candles = trace.type === "candlestick";
    return {
      at,
      label: meta.label || trace.name || "",
      pane: meta.pane || null,
      decimals: meta.decimals ?? 2,
      signed: Boolean(meta.signed),
      unit: meta.unit || "",
      reads: Boolean(meta.pane) && meta.read !== false,
      scales: meta.scale !== false,
      outline: Boolean(meta.outline),
      halfMs: candles ? ((meta.bars || 1) * (barMs || 0)) / 2 : 0,
      axis: `yaxis${(trace.yaxis || "y").slice(1)}`,
      colour: (trace.line && trace.line.color) || (trace.increasing && trace.increasing.line && trace.increasing.line.color) || "",
      weight: candles ? Infinity : (trace.line && trace.line.width) || 0, // the strong line of a pane is read first
      times: trace.x,
      values: candles ? trace.close : trace.y,
      lows: candles ? trace.low : trace.y,
      highs: candles ? trace.high : trace.y,
      candle: candles ? trace : null,
    };
  }

  return { decoder, firstFrom, pointAt, heights, modelOf };
})());
