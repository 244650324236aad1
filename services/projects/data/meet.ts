import { newId } from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { PeopleDeps } from "../deps.ts";
import type { Newcomer, Welcome } from "../newcomers/newcomer.ts";
import type { Item } from "./items.ts";
import { areKnown, type Met, peopleNamed, readPeople } from "./people.ts";

/** Asks identity to add people, in the name of whoever saves. */
export type AddPeople = (people: readonly Newcomer[], dry_run: boolean) => Promise<readonly Welcome[]>;

/** What became of a payload's people whom the directory does not know. */
export interface Meeting {
  readonly met: readonly Met[];
  /** The ids that stand for those who would be added. */
  readonly provisional: ReadonlySet<string>;
  /** By external id, why identity does not add somebody. */
  readonly refused: ReadonlyMap<string, StoaError>;
}

/** Nobody was met. */
export const nobody: Meeting = { met: [], provisional: new Set(), refused: new Map() };

/**
 * Adds the people of a payload who exist nowhere, without passwords, and waits a moment until the directory has them. An
 * item that says the id of somebody is about no newcomer.
 *
 * @param twice items that fail whoever they name
 * @param dry_run adds nobody: ids stand for those who would be added
 * @throws StoaError whatever `add` throws
 */
export async function meet(
  { db, readYourWrites }: PeopleDeps,
  items: readonly Item[],
  twice: ReadonlySet<Item>,
  add: AddPeople,
  dry_run: boolean,
): Promise<Meeting> {
  const people = await readPeople(db, items);
  const strangers = items.flatMap((item) => {
    if (item.kind !== "user" || twice.has(item) || item.given.user_id !== undefined) return [];
    const { username, email } = item.given;
    const named = username !== undefined || email !== undefined;
    return named && peopleNamed(people, item.given).length === 0 ? [item.given] : [];
  });
  if (strangers.length === 0) return nobody;
  const welcomes = await add(strangers, dry_run);
  const met: Met[] = [];
  const provisional = new Set<string>();
  const refused = new Map<string, StoaError>();
  for (const [index, { external_id, username, email }] of strangers.entries()) {
    const welcome = welcomes[index];
    if (!welcome) continue;
    if ("refused" in welcome) {
      refused.set(external_id, welcome.refused);
      continue;
    }
    const user_id = welcome.user_id ?? newId();
    if (welcome.user_id === null) provisional.add(user_id);
    met.push({ user_id, username, email });
  }
  const added = met.flatMap(({ user_id }) => (provisional.has(user_id) ? [] : [user_id]));
  if (added.length > 0) await readYourWrites.waitFor(() => areKnown(db, added));
  return { met, provisional, refused };
}
