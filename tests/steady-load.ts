import { eventually } from "@stoa/testing";
import { type Answer, Client, type Person, signUp } from "./client.ts";
import { type Random, random } from "./random.ts";

/** What was acknowledged: for each resource, the name that the client gave it and the id that Stoa returned. */
export interface Ledger {
  readonly users: Map<string, string>;
  readonly projects: Map<string, string>;
  readonly tasks: Map<string, string>;
  readonly messages: Map<string, string>;
  readonly completed: Set<string>;
  readonly assigned: Set<string>;
}

/** The pause of a worker between two commands in milliseconds, so that the load does not saturate the machine. */
const PACE_MS = 20;

/** A command that may be retried until it is acknowledged, because it happens only once. */
interface Attempt {
  send(): Promise<Answer>;
  /** Handles the response. Returns false for a temporary error, after which the command must be retried. */
  acknowledge(answer: Answer): boolean;
}

/**
 * A steady load of commands on a gateway whose parts may die at any moment. Each command is retried unchanged until it is
 * acknowledged, and the ledger records what was.
 */
export class SteadyLoad {
  readonly ledger: Ledger = {
    users: new Map(),
    projects: new Map(),
    tasks: new Map(),
    messages: new Map(),
    completed: new Set(),
    assigned: new Set(),
  };
  /** How many commands were acknowledged. */
  acknowledged = 0;
  readonly #base: string;
  readonly #random: Random;
  readonly #people: Person[] = [];
  readonly #workers: Promise<void>[] = [];
  #project = "";
  #conversation = "";
  #running = false;
  #names = 0;

  constructor(base: string, seed: number) {
    this.#base = base;
    this.#random = random(seed);
  }

  /** Registers users, creates their project, and starts so many workers. */
  async start(workers: number): Promise<void> {
    const owner = await signUp(this.#base, "owner");
    const developer = await signUp(this.#base, "developer");
    const project = await owner.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Lock gates" });
    await owner.must(201, "POST", `/api/v1/projects/${project.id}/users`, { user_id: developer.id, role: "developer" });
    const conversation = await eventually(async () => {
      const list = await developer.must<{ items: { id: string; project_id: string }[] }>(
        200,
        "GET",
        "/api/v1/conversations",
      );
      return list.items.find((each) => each.project_id === project.id);
    });
    this.#people.push(owner, developer);
    this.#project = project.id;
    this.#conversation = conversation.id;
    this.#running = true;
    for (let worker = 0; worker < workers; worker++) this.#workers.push(this.#work());
  }

  /** Sends no new commands and waits until every sent command is acknowledged. */
  async stop(): Promise<Ledger> {
    this.#running = false;
    await Promise.all(this.#workers);
    return this.ledger;
  }

  async #work(): Promise<void> {
    while (this.#running) {
      await this.#untilAcknowledged(this.#choose());
      await Bun.sleep(PACE_MS);
    }
  }

  async #untilAcknowledged(attempt: Attempt): Promise<void> {
    for (;;) {
      const answer = await attempt.send().catch(() => undefined);
      if (answer && answer.status < 500 && answer.status !== 429) {
        if (attempt.acknowledge(answer)) {
          this.acknowledged++;
          return;
        }
        throw new Error(`A command was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      await Bun.sleep(20 + this.#random.below(80));
    }
  }

  #choose(): Attempt {
    const person = this.#random.pick(this.#people);
    const name = `load-${this.#random.seed}-${++this.#names}`;
    const open = [...this.ledger.tasks.values()].filter((id) => !this.ledger.completed.has(id));
    const draw = this.#random.next();
    if (draw < 0.04) return this.#register(name);
    if (draw < 0.1) {
      return this.#create(person, "/api/v1/projects", { name }, name, this.ledger.projects);
    }
    if (draw < 0.4 || open.length === 0) {
      return this.#create(person, "/api/v1/tasks", { title: name, project_id: this.#project }, name, this.ledger.tasks);
    }
    if (draw < 0.55) {
      const id = this.#random.pick(open);
      return this.#change(person, "PATCH", `/api/v1/tasks/${id}/complete`, undefined, id, this.ledger.completed);
    }
    if (draw < 0.7) {
      const id = this.#random.pick(open);
      const body = { user_ids: this.#people.map((each) => each.id) };
      return this.#change(person, "PUT", `/api/v1/tasks/${id}/assignees`, body, id, this.ledger.assigned);
    }
    const path = `/api/v1/conversations/${this.#conversation}/messages`;
    return this.#create(person, path, { content: name, client_id: name }, name, this.ledger.messages);
  }

  #register(username: string): Attempt {
    const body = { username, email: `${username}@example.com`, password: "a weir, a heron and 9 locks" };
    return {
      send: () => new Client(this.#base).post("/api/v1/auth/register", body),
      acknowledge: ({ status, body: answer }) => {
        if (status !== 201 && status !== 409) return false;
        this.ledger.users.set(username, String(answer["id"] ?? ""));
        return true;
      },
    };
  }

  #create(person: Person, path: string, body: object, name: string, made: Map<string, string>): Attempt {
    return {
      send: () => person.post(path, body, { "idempotency-key": name }),
      acknowledge: ({ status, body: answer }) => {
        if (status !== 201) return false;
        made.set(name, String(answer["id"]));
        return true;
      },
    };
  }

  #change(person: Person, method: string, path: string, body: unknown, id: string, done: Set<string>): Attempt {
    return {
      send: () => person.send(method, path, body),
      acknowledge: ({ status }) => {
        if (status !== 200) return false;
        done.add(id);
        return true;
      },
    };
  }
}
