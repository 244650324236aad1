/** Keeps callers from waiting for something that is down. */
export interface CircuitBreaker {
  /**
   * Runs the work if the circuit lets it through.
   *
   * @throws whatever the work throws; what `refusal` makes, given the seconds to wait, when the circuit is open
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** When a circuit opens, and for how long. */
export interface BreakerOptions {
  readonly now: () => Date;
  /** Whether an error of the work means that the other side is down. */
  readonly isFailure: (error: unknown) => boolean;
  readonly refusal: (seconds: number) => Error;
  /** Failures in a row that open it. */
  readonly failures?: number;
  /** Milliseconds until it lets a probe through. */
  readonly open_ms?: number;
}

type State =
  | { readonly kind: "closed"; readonly failures: number }
  | { readonly kind: "open"; readonly until: number }
  | { readonly kind: "half-open" };

const closed: State = { kind: "closed", failures: 0 };

/**
 * A closed circuit lets every call through and counts failures in a row. After five of them it opens: for 30 seconds it
 * refuses calls at once. Then it is half-open: one call goes through as a probe, and the circuit closes or opens again by
 * its outcome. Calls that were under way when it opened no longer count.
 */
export function circuitBreaker(options: BreakerOptions): CircuitBreaker {
  const { now, isFailure, refusal, failures: limit = 5, open_ms = 30_000 } = options;
  let state = closed;

  /** Whether this call is the probe of a half-open circuit. */
  const enter = (): boolean => {
    if (state.kind === "closed") return false;
    const wait = state.kind === "open" ? state.until - now().getTime() : 1_000;
    if (wait > 0) throw refusal(Math.ceil(wait / 1_000));
    state = { kind: "half-open" };
    return true;
  };
  const leave = (probe: boolean, failed: boolean) => {
    if (!probe && state.kind !== "closed") return;
    const failures = state.kind === "closed" ? state.failures + 1 : limit;
    if (!failed) state = closed;
    else if (failures < limit) state = { kind: "closed", failures };
    else state = { kind: "open", until: now().getTime() + open_ms };
  };

  return {
    async run(work) {
      const probe = enter();
      try {
        const result = await work();
        leave(probe, false);
        return result;
      } catch (error) {
        leave(probe, isFailure(error));
        throw error;
      }
    },
  };
}
