/**
 * Lets the clock of this process move in steps of so many milliseconds, as it seems to do on a machine that does many
 * things within one: whatever relies on two moments being different fails then each time (`bun run test:coarse`).
 */
export function coarsen(stepMs: number): void {
  const { now: fine } = Date;
  const now = () => Math.floor(fine() / stepMs) * stepMs;
  globalThis.Date = new Proxy(Date, {
    construct: (target, parts, made) => Reflect.construct(target, parts.length === 0 ? [now()] : parts, made),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
  });
}
