/* Draws what the server describes as HTML within one Dash component (layouts/plain.py says why). React keeps what stands
   already, so that focus and selection stay. */
window.pairwatch_plain = (() => {
  const OWN = /^(id|className|style|role|title|hidden|tabIndex|data-.*|aria-.*)$/;

  /* Any tree as a list of what React draws. slots: Dash's own components, which stand where the tree says. */
  const listed = (tree, slots) => [tree].flat(Infinity).map((one) => drawn(one, slots));

  function drawn(one, slots) {
    if (one === null || typeof one !== "object") return one;
    if ("slot" in one) return slots[one.slot];
    const { children, ...props } = one.props;
    return window.React.createElement(one.type.toLowerCase(), props, ...listed(children, slots));
  }

  function Plain({ tag, tree, rest, children, ...told }) {
    const own = Object.fromEntries(Object.entries(told).filter(([name]) => OWN.test(name)));
    return window.React.createElement(tag, { ...rest, ...own }, ...listed(tree, [children].flat()));
  }

  /* A value of layouts/held.py: shows nothing, and tells a script of what is new. */
  function Held({ data, tells }) {
    window.React.useEffect(() => {
      if (tells && data !== null && data !== undefined) window.dash_clientside.pairwatch[tells](data);
    }, [data]);
    return null;
  }

  return { Plain, Held };
})();
