/** A `fetch` with a timeout in milliseconds, because the HTTP driver has none. */
export function boundedFetch(timeoutMs: number): typeof fetch {
  const bounded = (input: Request | string | URL, init?: RequestInit) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  return bounded as typeof fetch;
}
