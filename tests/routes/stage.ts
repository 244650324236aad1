import type { Answer, Caller, Sending } from "./ask.ts";
import { type Operation, operationsOf } from "./operations.ts";
import type { Stoa } from "./stoa.ts";

/** A user who has logged in. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
  readonly refresh_token: string;
  readonly session_id: string;
}

/** A resource, of which these tests know only the id. */
export type Resource = Record<string, unknown> & { readonly id: string };

const password = "seven herons by the weir";

/** Creates users and resources through the API. */
export class Stage {
  readonly caller: Caller;
  readonly operations: readonly Operation[];
  readonly #stoa: Stoa;
  readonly #found = new Map<string, Operation>();
  #people = 0;

  constructor(stoa: Stoa, caller: Caller) {
    this.#stoa = stoa;
    this.caller = caller;
    this.operations = operationsOf(stoa.apps);
    for (const operation of this.operations) this.#found.set(operation.name, operation);
  }

  /** The operation with a name: `POST /tasks`. */
  operation(name: string): Operation {
    const found = this.#found.get(name);
    if (!found) throw new Error(`There is no operation ${name}.`);
    return found;
  }

  /** Sends a request that must succeed, and applies its events to the other services. */
  async must(name: string, sending: Sending = {}): Promise<Resource> {
    const answer = await this.caller.ask(this.operation(name), sending);
    if (answer.status >= 300) throw new Error(`${name} answers ${answer.status}: ${answer.text}`);
    await this.#stoa.settle();
    return answer.body as Resource;
  }

  /** Sends a request that must be refused, and returns the problem document. */
  async refused(name: string, sending: Sending = {}): Promise<Record<string, unknown>> {
    const answer = await this.caller.ask(this.operation(name), sending);
    if (answer.status < 400) throw new Error(`${name} answers ${answer.status}: ${answer.text}`);
    return answer.body;
  }

  /** Logs the first superuser in. */
  async root(): Promise<Person> {
    const { email, password: secret } = this.#stoa.root;
    return this.login(email, secret, await this.#idOf(email, secret));
  }

  /** Registers a user and logs them in. */
  async person(): Promise<Person> {
    const username = `person${++this.#people}`;
    const json = { username, email: `${username}@example.com`, password };
    const { id } = await this.must("POST /auth/register", { json });
    return this.login(username, password, id);
  }

  /** Logs an existing user in, which starts another session. */
  async login(username: string, secret: string, id: string): Promise<Person> {
    const tokens = await this.must("POST /auth/login", { json: { username, password: secret } });
    const { access_token, refresh_token, session_id } = tokens as Resource & Record<string, string>;
    if (!access_token || !refresh_token || !session_id) throw new Error("A login answered no tokens.");
    return { id, username, password: secret, token: access_token, refresh_token, session_id };
  }

  async #idOf(username: string, secret: string): Promise<string> {
    const { token } = await this.login(username, secret, "");
    return (await this.must("GET /auth/me", { token })).id;
  }
}

/** The items of a list in a response. */
export function itemsOf({ body }: Pick<Answer, "body">): Resource[] {
  return (body["items"] ?? []) as Resource[];
}
