import type { Asker, Sending } from "./ask.ts";
import type { Operation } from "./operations.ts";
import { faultsOf, type Refusal } from "./problem.ts";
import { paramsOf, type Scenery } from "./scenery.ts";
import type { Stoa } from "./stoa.ts";

/** A request that must be refused, and how. */
export interface BadRequest {
  readonly what: string;
  readonly sending: Sending;
  readonly expected: Refusal;
}

/** Asks what must be refused, and looks whether it was: rightly, and without a trace in any journal. */
export class Refusals {
  /** How many were asked. */
  count = 0;
  readonly #stoa: Stoa;
  readonly #asker: Asker;
  readonly #around: Scenery;

  constructor(stoa: Stoa, asker: Asker, around: Scenery) {
    this.#stoa = stoa;
    this.#asker = asker;
    this.#around = around;
  }

  /**
   * What is wrong with an operation's refusals, one line each; empty is good. Unless a request says otherwise, the one
   * who asks is a superuser to whom nothing would be refused, and the ids in the path are of what exists.
   */
  async of(operation: Operation, requests: Iterable<BadRequest>, apps = this.#stoa.apps): Promise<string[]> {
    const found: string[] = [];
    const params = paramsOf(operation.path, this.#around.params);
    for (const { what, sending, expected } of requests) {
      this.count++;
      const before = await this.#stoa.journals();
      const whole: Sending = { token: this.#around.root.token, ...sending, params: { ...params, ...sending.params } };
      const faults = faultsOf(await this.#asker.ask(operation, whole, apps), expected);
      const after = await this.#stoa.journals();
      if (after !== before) faults.push(`writes (${before} → ${after})`);
      found.push(...faults.map((fault) => `${operation.name}, ${what}: ${fault}`));
    }
    return found;
  }
}
