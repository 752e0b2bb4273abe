// What every page of a node wakes with: islands that a page asks for by `data-island`.
// The page itself works without any of it.
export {};
