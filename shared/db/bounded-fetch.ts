/** A `fetch` that gives up after a time: the HTTP driver itself waits for ever. */
export function boundedFetch(timeoutMs: number): typeof fetch {
  const bounded = (input: Request | string | URL, init?: RequestInit) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  return bounded as typeof fetch;
}
