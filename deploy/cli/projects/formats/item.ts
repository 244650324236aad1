import type { DataAssignee, DataLink, DataProject, DataTask, DataUser } from "@stoa/projects/data/schema";

/** The lists of a payload, in the order in which what refers to something else comes after it. */
export const lists = ["users", "projects", "tasks", "assignees", "links", "deleted"] as const;

/** One item of a file, and where it stands there: `line 12`, or `cards[3]`. */
export type FileItem = { readonly at: string } & (
  | { readonly list: "users"; readonly item: DataUser }
  | { readonly list: "projects"; readonly item: DataProject }
  | { readonly list: "tasks"; readonly item: DataTask }
  | { readonly list: "assignees"; readonly item: DataAssignee }
  | { readonly list: "links"; readonly item: DataLink }
  | { readonly list: "deleted"; readonly item: string }
);

/** A place in a file that cannot be read, and why. */
export interface Unreadable {
  readonly at: string;
  readonly reason: string;
}

/** What a file of another system becomes. */
export interface Converted {
  readonly items: readonly FileItem[];
  /** How much of each kind is not carried over. */
  readonly lost: ReadonlyMap<string, number>;
}

/** Counts what is not carried over. */
export class Losses extends Map<string, number> {
  add(what: string, count = 1): void {
    if (count > 0) this.set(what, (this.get(what) ?? 0) + count);
  }
}

/** The id of an item in the other system. */
export function externalIdOf({ item }: FileItem): string {
  return typeof item === "string" ? item : item.external_id;
}

/** People who had work in a project of the other system have it here: its members, as a batch save takes them. */
export function membersOf(users: Iterable<string>): Pick<DataProject, "members"> {
  const members = [...new Set(users)].slice(0, 100).map((user) => ({ user, role: "developer" as const }));
  return members.length > 0 ? { members } : {};
}
