/** How often the beat is; milliseconds. */
const BEAT_MS = 500;

interface Listener {
  /** In beats. */
  readonly every: number;
  readonly call: () => void;
  /** Whether the process stays alive for it. */
  readonly holds: boolean;
}

const listeners = new Set<Listener>();
let timer: ReturnType<typeof setInterval> | undefined;
let beats = 0;

/**
 * Calls back every so often, together with whatever else in the process does: at rest it wakes twice a second, and not
 * once for each thing that it looks at. The first call may come sooner.
 *
 * @param everyMs a multiple of 500; anything else has a timer of its own
 * @param call must not throw: others wait behind it
 * @param holds false: the process may end although nobody has stopped this
 * @returns the way to stop
 */
export function onBeat(everyMs: number, call: () => void, { holds = true } = {}): () => void {
  const every = everyMs / BEAT_MS;
  if (every < 1 || !Number.isSafeInteger(every)) {
    const own = setInterval(call, everyMs);
    return () => clearInterval(own);
  }
  const listener: Listener = { every, call, holds };
  listeners.add(listener);
  settle();
  return () => {
    listeners.delete(listener);
    settle();
  };
}

/** Resolves at the next beat of so many milliseconds ({@link onBeat}), or when the signal aborts. */
export function nextBeat(everyMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const stop = onBeat(everyMs, done);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** There is a timer as long as somebody listens, and it holds the process as long as one of them does. */
function settle(): void {
  if (listeners.size === 0) {
    clearInterval(timer);
    timer = undefined;
    beats = 0;
    return;
  }
  timer ??= setInterval(beat, BEAT_MS);
  if ([...listeners].some(({ holds }) => holds)) timer.ref();
  else timer.unref();
}

function beat(): void {
  beats++;
  for (const listener of [...listeners]) {
    // One before it may have stopped it.
    if (beats % listener.every === 0 && listeners.has(listener)) listener.call();
  }
}
