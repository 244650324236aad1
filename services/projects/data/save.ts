import type { Actor } from "@stoa/auth";
import { breathe } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { retrying } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { AT_ONCE, Batch } from "./batch.ts";
import { decideAssignee } from "./decide-assignee.ts";
import { decideDeleted } from "./decide-deleted.ts";
import { decideLink } from "./decide-link.ts";
import { decideProject } from "./decide-project.ts";
import { decideTask } from "./decide-task.ts";
import { decideUser } from "./decide-user.ts";
import { type Draft, newDraft, type Outcome } from "./draft.ts";
import { type Item, inCircles, inOrder, itemsOf, kindOf, repeated } from "./items.ts";
import { type Known, readKnown } from "./known.ts";
import { type AddPeople, type Meeting, meet, nobody } from "./meet.ts";
import { peopleNamed } from "./people.ts";
import type { DataError, DataResult, DataSave, DataSaved } from "./schema.ts";
import { writeBatch } from "./write.ts";

/**
 * Saves users, projects, tasks, assignees and links of another system, each by its id there: what is new is made, what has changed
 * there is changed here, what people have changed here is kept. Each item is judged by itself, with the rights of whoever
 * asks, and is whole or absent; some hundred share an atomic write. The same again changes nothing, so that a save that
 * broke off is simply sent again.
 *
 * @param add adds people who exist nowhere; without it, their items fail
 * @throws StoaError `validation_failed` for too many items, `import_failed` with the results when none of them may fail;
 *   whatever `add` throws
 */
export async function saveData(deps: PeopleDeps, actor: Actor, input: DataSave, add?: AddPeople): Promise<DataSaved> {
  const items = itemsOf(input);
  const twice = repeated(items);
  const { source, all_or_none = false, dry_run = false, overwrite = false } = input;
  const results = new Map<Item, DataResult>();
  const judgeAll = async (open: readonly Item[], meeting: Meeting) => {
    const known = await knownTo(deps, actor, source, open, meeting);
    const time = deps.now().toISOString();
    const { refused } = meeting;
    const draft = newDraft({ actor, source, overwrite, time, known, circles: inCircles(open), refused });
    const decided = await decideAll(draft, open, twice, all_or_none ? Number.POSITIVE_INFINITY : AT_ONCE);
    const saved = answerOf(items, new Map([...results, ...decided.results]));
    if (all_or_none && saved.totals.failed > 0) throw importFailed(saved, meeting);
    return { draft, decided, saved };
  };
  // One after another for each user and source: two at once would decide the same and refuse each other.
  const key = `${actor.user_id} ${source}`;
  await deps.db.turns.take(`save ${key}`, async () => {
    let meeting = add ? await meet(deps, items, twice, add, dry_run || all_or_none) : nobody;
    if (add && !dry_run && meeting.provisional.size > 0) {
      // Nobody is added for a payload of which something else fails.
      await judgeAll(items, meeting);
      meeting = await meet(deps, items, twice, add, false);
    }
    return retrying(deps.db, `saving ${key}`, async () => {
      const open = items.filter((item) => !results.has(item));
      const { draft, decided, saved } = await judgeAll(open, meeting);
      // What an earlier try has written without an end is ended by itself, when others have saved the rest meanwhile.
      const batches = decided.batches.length === 0 && results.size > 0 ? [new Batch()] : decided.batches;
      if (!dry_run && !(await writeAll(deps, draft, batches, saved, results, decided.results))) return undefined;
      for (const [item, result] of decided.results) results.set(item, dry_run ? unsaved(result, meeting) : result);
      return true;
    });
  });
  return answerOf(items, results);
}

/** Writes the batches one after another. @returns false when one of them is to be decided anew, with all after it */
async function writeAll(
  deps: PeopleDeps,
  { actor, source, time }: Draft,
  batches: readonly Batch[],
  { totals }: DataSaved,
  done: Map<Item, DataResult>,
  decided: ReadonlyMap<Item, DataResult>,
): Promise<boolean> {
  for (const [index, batch] of batches.entries()) {
    if (index === batches.length - 1) batch.summarize({ user_id: actor.user_id, source, ...totals });
    if (!(await writeBatch(deps, { actor, source, time }, batch))) return false;
    for (const item of batch.items) {
      const result = decided.get(item);
      if (result) done.set(item, result);
    }
    await breathe();
  }
  return true;
}

/** What the items need to know; users who registered just now are waited for a moment. */
async function knownTo(
  deps: PeopleDeps,
  actor: Actor,
  source: string,
  items: readonly Item[],
  { met }: Meeting,
): Promise<Known> {
  const complete = async () => {
    const known = await readKnown(deps.db, actor, source, items, met);
    const missing = items.some(({ kind, given }) => kind === "user" && peopleNamed(known.people, given).length === 0);
    return missing ? undefined : known;
  };
  return (await deps.readYourWrites.lookup(complete)) ?? readKnown(deps.db, actor, source, items, met);
}

interface Decided {
  readonly results: ReadonlyMap<Item, DataResult>;
  /** Those that write something, in their order. */
  readonly batches: readonly Batch[];
}

async function decideAll(
  draft: Draft,
  items: readonly Item[],
  twice: ReadonlySet<Item>,
  atOnce: number,
): Promise<Decided> {
  const results = new Map<Item, DataResult>();
  const batches: Batch[] = [];
  for (const [index, item] of inOrder(items, levelsOf(draft, items)).entries()) {
    const { batch } = draft;
    if (index % AT_ONCE === 0) await breathe();
    const before = batch.events.length + batch.records.size;
    const result = twice.has(item) ? failed(item, duplicate()) : judge(draft, item);
    results.set(item, result);
    if (batch.events.length + batch.records.size === before) continue;
    if (batch.items.length === 0) batches.push(batch);
    batch.items.push(item);
    if (batch.events.length >= atOnce) draft.batch = new Batch();
  }
  return { results, batches };
}

function judge(draft: Draft, item: Item): DataResult {
  try {
    return { ...namesOf(item), ...decide(draft, item) };
  } catch (error) {
    if (error instanceof StoaError) return failed(item, error);
    throw error;
  }
}

function decide(draft: Draft, item: Item): Outcome {
  switch (item.kind) {
    case "user":
      return decideUser(draft, item.given);
    case "project":
      return decideProject(draft, item.given);
    case "task":
      return decideTask(draft, item.given);
    case "assignee":
      return decideAssignee(draft, item.given);
    case "link":
      return decideLink(draft, item.given);
    case "deleted":
      return decideDeleted(draft, item.given.external_id);
  }
}

/** How deep the tasks lie that are to go to the trash: what is below goes first, by itself. */
function levelsOf({ known }: Draft, items: readonly Item[]): Map<string, number> {
  const levels = new Map<string, number>();
  for (const { kind, given } of items) {
    if (kind !== "deleted") continue;
    let level = 0;
    for (let id = known.records.get(`task ${given.external_id}`)?.entity_id; id; level++) {
      id = known.tasks.get(id)?.task.parent_id ?? undefined;
    }
    levels.set(given.external_id, level);
  }
  return levels;
}

const namesOf = (item: Item) => ({ kind: kindOf(item), external_id: item.given.external_id });

function failed(item: Item, { code, message, errors }: StoaError): DataResult {
  const error: DataError = { error_code: code, detail: message, ...(errors && { errors: [...errors] }) };
  return { ...namesOf(item), id: null, outcome: "failed", error };
}

function duplicate(): StoaError {
  const message = "Another item of this payload has the same external id.";
  return new StoaError("validation_failed", { errors: [{ path: "/external_id", message }] });
}

/** The result of an item that is not written: what would be made has no id. */
function unsaved(result: DataResult, { provisional }: Meeting): DataResult {
  const has = result.outcome !== "created" && result.id !== null && !provisional.has(result.id);
  return has ? result : { ...result, id: null };
}

function importFailed({ results, totals }: DataSaved, meeting: Meeting): StoaError {
  return new StoaError("import_failed", {
    members: { results: results.map((result) => unsaved(result, meeting)), totals },
  });
}

function answerOf(items: readonly Item[], found: ReadonlyMap<Item, DataResult>): DataSaved {
  const results = items.flatMap((item) => found.get(item) ?? []);
  const totals = { created: 0, updated: 0, unchanged: 0, failed: 0 };
  for (const { outcome } of results) totals[outcome]++;
  return { results, totals };
}
