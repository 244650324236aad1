import type { Caller, Sending } from "./ask.ts";
import type { Operation } from "./operations.ts";
import { faultsOf, type Refusal } from "./problem.ts";
import { paramsOf, type Scenery } from "./scenery.ts";
import type { Stoa } from "./stoa.ts";

/** A request that must be refused, and the expected refusal. */
export interface BadRequest {
  readonly what: string;
  readonly sending: Sending;
  readonly expected: Refusal;
}

/** Sends requests that must be refused, and checks that they were refused correctly and appended no event. */
export class Refusals {
  /** How many requests were sent. */
  count = 0;
  readonly #stoa: Stoa;
  readonly #caller: Caller;
  readonly #around: Scenery;

  constructor(stoa: Stoa, caller: Caller, around: Scenery) {
    this.#stoa = stoa;
    this.#caller = caller;
    this.#around = around;
  }

  /**
   * What is wrong with an operation's refusals, a line for each fault; empty when all are right. Unless a request says
   * otherwise, it is a superuser's, who is authorized for everything, and the ids in the path exist.
   */
  async of(operation: Operation, requests: Iterable<BadRequest>, apps = this.#stoa.apps): Promise<string[]> {
    const found: string[] = [];
    const params = paramsOf(operation.path, this.#around.params);
    for (const { what, sending, expected } of requests) {
      this.count++;
      const before = await this.#stoa.journals();
      const whole: Sending = { token: this.#around.root.token, ...sending, params: { ...params, ...sending.params } };
      const faults = faultsOf(await this.#caller.ask(operation, whole, apps), expected);
      const after = await this.#stoa.journals();
      if (after !== before) faults.push(`writes (${before} → ${after})`);
      found.push(...faults.map((fault) => `${operation.name}, ${what}: ${fault}`));
    }
    return found;
  }
}
