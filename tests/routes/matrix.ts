import type { ServiceName } from "@stoa/events";
import type { Sending } from "./ask.ts";
import type { Person, Stage } from "./stage.ts";
import type { Stoa } from "./stoa.ts";

/** One line of a matrix: the status of one request in each role. */
export interface Row {
  /** `PATCH /tasks/:id`, followed by `+ a word` when there are several requests to the same operation. */
  readonly name: string;
  /** The name without `+ a word`. */
  readonly operation: string;
  /** The expected status of each role, in the order of the columns. */
  readonly statuses: readonly number[];
}

/** A table of expected statuses. */
export interface Table {
  readonly roles: readonly string[];
  readonly rows: readonly Row[];
}

/** Resources, and users with different roles for them. */
export interface Scene {
  /** The user with a role; null for no user. It is called only when needed, so that users need not exist before. */
  as(role: string): Pick<Person, "token"> | null | Promise<Pick<Person, "token"> | null>;
  /** The values of the paths' parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** What a row sends, and what has to happen before; by its name with or without `+ word`. */
  readonly requests: Readonly<Record<string, (role: string) => Sending | Promise<Sending>>>;
}

/** Who is authorized to do what with one kind of resource. */
export interface Matrix {
  readonly services: readonly ServiceName[];
  readonly table: Table;
  /**
   * Makes a new scene. A request function that takes the role is called for each role.
   *
   * @param cast users that exist in every scene
   */
  readonly scene: (stage: Stage, cast: Cast, stoa: Stoa) => Scene | Promise<Scene>;
}

/** Users that exist in every scene. */
export interface Cast {
  readonly root: Person;
  /** A user who has logged in and has no role anywhere. */
  readonly stranger: Person;
  /** Tokens that are no longer valid: of a superuser who has logged out, and of a disabled superuser. */
  readonly ended: Pick<Person, "token">;
  readonly disabled: Pick<Person, "token">;
  /** Other users, to whom scenes give roles. */
  readonly others: readonly [Person, Person, Person, Person, Person, Person];
}

/**
 * Parses a table. The first line has the roles; each other line has a method, a path, perhaps `+ word`, and a status for
 * each role.
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
