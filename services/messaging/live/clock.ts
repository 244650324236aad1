/** Something that is looked at once a second, as long as there is anything to look at. */
export interface Clock {
  /** There is something to look at from now on. */
  wind(): void;
  stop(): void;
}

/**
 * @param look returns whether there is still something to look at
 * @param everyMs 1,000 unless given
 */
export function clock(look: () => boolean, everyMs = 1_000): Clock {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const wind = () => {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (look()) wind();
    }, everyMs);
  };
  return {
    wind,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
