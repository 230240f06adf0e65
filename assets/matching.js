/* Which pairs are meant by what was typed. Pure: text and symbols in, pairs out; search.js shows them.
   A symbol is [symbol, base, quote]. Predictable before clever: the whole base first, then its beginning, then a part of
   it; dollars of Tether before the other quotes; nothing depends on what was typed before. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const THOUSANDS = /^1(?:0{3,}|M(?=[A-Z]))/; // 1000SHIB, 1MBABYDOGE: how small coins are listed
  const QUOTES = ["USDT", "USDC"];
  const MIXED = 1.5; // two quotes in one pair are rarely meant
  const EACH = 6; // candidates of each word that are combined
  const MOST = 14;
  const NEAREST = 3;

  const coin = (base) => base.replace(THOUSANDS, "");
  const quoteRank = (quote) => (QUOTES.indexOf(quote) + QUOTES.length + 1) % (QUOTES.length + 1);
  const byScore = (a, b) => a.score - b.score || a.symbol.length - b.symbol.length || (a.symbol < b.symbol ? -1 : 1);

  /* 0 is the very thing; null is no match at all. */
  function rank(word, [symbol, base]) {
    const name = coin(base);
    if (word === symbol || word === base) return 0;
    if (word === name || word === coin(symbol)) return 1;
    if (base.startsWith(word)) return 2;
    if (name.startsWith(word)) return 3;
    if (symbol.startsWith(word) || coin(symbol).startsWith(word)) return 4;
    if (base.includes(word)) return 5;
    return symbol.includes(word) ? 6 : null;
  }

  function matches(word, symbols) {
    const found = [];
    for (const one of symbols) {
      const how = rank(word, one);
      if (how === null) continue;
      found.push({ symbol: one[0], quote: one[2], rank: how, score: how * 10 + quoteRank(one[2]) });
    }
    return found.sort(byScore);
  }

  /* How many letters are wrong, missing, too many or swapped with their neighbour. */
  function distance(one, other) {
    let before = [];
    let last = Array.from({ length: other.length + 1 }, (_, j) => j);
    for (let i = 1; i <= one.length; i += 1) {
      const row = [i];
      for (let j = 1; j <= other.length; j += 1) {
        const wrong = one[i - 1] === other[j - 1] ? 0 : 1;
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + wrong);
        const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
        if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      before = last;
      last = row;
    }
    return last[other.length];
  }

  function nearest(word, symbols) {
    const most = Math.max(1, Math.floor(word.length / 2));
    return symbols
      .map(([symbol, base, quote]) => {
        const wrong = Math.min(distance(word, base), distance(word, coin(base)), distance(word, symbol));
        return { symbol, quote, rank: 9, wrong, score: wrong * 10 + quoteRank(quote) };
      })
      .filter((one) => one.wrong <= most)
      .sort(byScore)
      .slice(0, NEAREST);
  }

  /* "BTC/USDT" is one symbol in two words, as long as the second word is a quote more often than it is a coin. */
  function isQuote(word, symbols) {
    const quotes = symbols.filter((one) => one[2] === word).length;
    return quotes > symbols.filter((one) => one[1] === word).length;
  }

  function words(typed, symbols) {
    const found = [];
    for (const word of typed.toUpperCase().split(/[^A-Z0-9\u0080-\uffff]+/).filter(Boolean)) {
      const last = found[found.length - 1];
      const joined = last && symbols.some((one) => one[0] === last + word) && isQuote(word, symbols);
      if (joined) found[found.length - 1] = last + word;
      else found.push(word);
    }
    if (found.length !== 1 || matches(found[0], symbols).length) return found;
    return split(found[0], symbols) || found;
  }

  /* "btceth": two whole names without anything between them. */
  function split(word, symbols) {
    const whole = (part) => symbols.some((one) => rank(part, one) !== null && rank(part, one) <= 1);
    for (let at = 2; at <= word.length - 2; at += 1) {
      const parts = [word.slice(0, at), word.slice(at)];
      if (parts.every(whole)) return parts;
    }
    return null;
  }

  function combined(ys, xs) {
    const pairs = [];
    for (const y of ys.slice(0, EACH)) {
      for (const x of xs.slice(0, EACH)) {
        if (y.symbol === x.symbol) continue;
        const mixed = y.quote === x.quote ? 0 : MIXED;
        pairs.push({ pair: `${y.symbol}-${x.symbol}`, symbol: y.symbol + x.symbol, score: y.score + x.score + mixed });
      }
    }
    return pairs.sort(byScore).map((one) => one.pair);
  }

  /* One word: beside the legs that are shown, then every known pair that holds it, then its like. */
  function besideOne(found, present, known) {
    const [y, x] = present;
    const best = found[0].symbol;
    const alike = new Set(found.filter((one) => one.rank <= found[0].rank).map((one) => one.symbol));
    const beside = best === y || best === x ? [`${y}-${x}`, `${x}-${y}`] : [`${best}-${x}`, `${y}-${best}`];
    if (best === x) beside.reverse(); // the leg that was typed comes first
    const holding = known.filter((pair) => pair.split("-").some((leg) => alike.has(leg)));
    const others = found.slice(1).filter((one) => one.symbol !== y && one.symbol !== x);
    return [
      { title: "With the legs shown", pairs: beside },
      { title: "Known pairs", pairs: holding },
      { title: "Other symbols", pairs: others.map((one) => `${one.symbol}-${one.symbol === x ? y : x}`) },
    ];
  }

  function unlike(missing) {
    const named = missing.map((word) => `“${word}”`).join(" or ");
    return `No symbol is called ${named}.`;
  }

  /* What to show for what was typed: {told, groups: [{title, pairs}]}; every pair is there once.
     known: "Y-X" of lists and recent pairs, in the order in which they are offered. */
  function pairsFor(typed, symbols, present, known) {
    const asked = words(typed, symbols);
    if (!asked.length) return null;
    if (asked.length > 2) return { told: "One or two symbols, please, such as btc eth.", groups: [] };
    const found = asked.map((word) => matches(word, symbols));
    const missing = asked.filter((_, at) => !found[at].length);
    const likely = found.map((some, at) => (some.length ? some : nearest(asked[at], symbols)));
    if (!symbols.length) return unlisted(asked);
    const near = likely.every((some) => some.length);
    let told = missing.length ? `${unlike(missing)}${near ? " Did you mean one of these?" : ""}` : "";
    if (!near) return { told, groups: [] };
    const both = likely.length === 2;
    const groups = both
      ? [{ title: "Pairs", pairs: combined(likely[0], likely[1]) }]
      : besideOne(likely[0], present, known);
    if (both && likely[0][0].symbol === likely[1][0].symbol) told = "A pair needs two different symbols.";
    return { told, groups: once(groups) };
  }

  /* Before the exchange has told its symbols only a whole pair can be taken, unseen; the server judges it. */
  function unlisted(asked) {
    const told = "The exchange has not told its symbols yet.";
    if (asked.length < 2) return { told: `${told} Write both in full, such as BTCUSDT-ETHUSDT.`, groups: [] };
    return { told, groups: [{ title: "As written", pairs: [asked.join("-")] }] };
  }

  function once(groups) {
    const seen = new Set();
    let left = MOST;
    const kept = groups.map(({ title, pairs }) => ({
      title,
      pairs: pairs.filter((pair) => {
        if (seen.has(pair) || left === 0) return false;
        seen.add(pair);
        left -= 1;
        return true;
      }),
    }));
    return kept.filter((group) => group.pairs.length);
  }

  return { pairsFor, pairsOnce: once };
})());
