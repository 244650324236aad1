import { pause } from "@stoa/db";
import { makeDurable } from "@stoa/db/durable";

/** How long to try, and where to say what is in the way. */
export interface Patience {
  /** Milliseconds. */
  readonly patienceMs: number;
  readonly say: (line: string) => void;
}

/**
 * Makes an sqld flush its commits, as soon as its admin API answers. What is in the way is said once, and again when it
 * is something else.
 *
 * @param admin the address of the admin API
 * @returns whether something was changed
 * @throws Error with the last of what was in the way, when patience is over
 */
export async function makeDurableSoon(admin: string, { patienceMs, say }: Patience): Promise<boolean> {
  const end = performance.now() + patienceMs;
  const said = new Set<string>();
  for (;;) {
    try {
      return await makeDurable(admin);
    } catch (error) {
      const reason = `${admin} is not durable yet: ${error instanceof Error ? error.message : String(error)}`;
      if (performance.now() >= end) throw new Error(reason, { cause: error });
      if (!said.has(reason)) say(`${reason}; this is tried again`);
      said.add(reason);
      await pause(250);
    }
  }
}
