import type { ServiceName } from "@stoa/events";
import type { Sending } from "./ask.ts";
import type { Person, Stage } from "./stage.ts";
import type { Stoa } from "./stoa.ts";

/** One line of a matrix: what everyone gets who asks one thing. */
export interface Row {
  /** `PATCH /tasks/:id`, and `+ a word` where there is more than one resource to ask it of. */
  readonly name: string;
  /** Without that. */
  readonly operation: string;
  /** The expected status of each role, in the order of the columns. */
  readonly statuses: readonly number[];
}

/** A table of expected statuses. */
export interface Table {
  readonly roles: readonly string[];
  readonly rows: readonly Row[];
}

/** Something to be asked about, and the people around it. */
export interface Scene {
  /** The one who has a role; null for nobody. Asked for when needed: not everyone need exist. */
  as(role: string): Pick<Person, "token"> | null | Promise<Pick<Person, "token"> | null>;
  /** The values of the paths' parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** What a row sends besides, and what must be so before it; by name with or without its `+ word`. */
  readonly requests: Readonly<Record<string, (role: string) => Sending | Promise<Sending>>>;
}

/** Who may what with one kind of resource. */
export interface Matrix {
  readonly services: readonly ServiceName[];
  readonly table: Table;
  /** A new scene. Requests that take the role get one for each who asks. @param cast people who are there throughout */
  readonly scene: (stage: Stage, cast: Cast, stoa: Stoa) => Scene | Promise<Scene>;
}

/** People who are there throughout. */
export interface Cast {
  readonly root: Person;
  /** Logged in, and nobody's. */
  readonly stranger: Person;
  /** Of no use any more: a superuser's that was logged out, a disabled superuser's. */
  readonly ended: Pick<Person, "token">;
  readonly disabled: Pick<Person, "token">;
  /** Others, each of whom a scene gives something to do. */
  readonly others: readonly [Person, Person, Person, Person, Person, Person];
}

/**
 * Reads a table: the roles in the first line, then method, path, `+ word` where there is one, and a status for each
 * role.
 */
export function tableOf(text: string): Table {
  const [head = "", ...lines] = text.split("\n").filter((line) => line.trim() !== "");
  const roles = head.trim().split(/\s+/);
  const rows = lines.map((line): Row => {
    const [, operation = "", word, numbers = ""] = /^\s*(\S+ +\S+)(?: +(\+ \S+))?((?: +\d{3})+)\s*$/.exec(line) ?? [];
    const statuses = numbers.trim().split(/\s+/).map(Number);
    if (statuses.length !== roles.length) throw new Error(`Not a line of ${roles.length} statuses: ${line}`);
    const name = operation.replace(/ +/, " ");
    return { name: word === undefined ? name : `${name} ${word}`, operation: name, statuses };
  });
  return { roles, rows };
}
