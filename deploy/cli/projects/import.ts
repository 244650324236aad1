import type { DataSave } from "@stoa/projects/data/schema";
import { type Progress, progress } from "../identity/progress.ts";
import type { Client } from "./client.ts";
import { externalIdOf, type FileItem } from "./formats/item.ts";
import type { ImportFile } from "./open-file.ts";
import { pagesOf, type Survey, survey } from "./pages.ts";
import { type ItemResult, sendPage } from "./send-page.ts";

/** What is said of an import. */
export interface Saying {
  readonly say: (line: string) => void;
  readonly progress?: (total: number) => Progress;
}

/**
 * Saves a file on a server, page by page. An import that broke off is run again: what was saved is unchanged.
 *
 * @returns whether every item was saved
 */
export async function importFile(
  client: Client,
  file: ImportFile,
  about: Pick<DataSave, "source" | "dry_run" | "overwrite">,
  { say, progress: shown = progress }: Saying,
): Promise<boolean> {
  const found = await survey(file);
  const totals = { created: 0, updated: 0, unchanged: 0, failed: 0 };
  const bar = shown(found.total);
  const refuse = (at: string, reason: string) => {
    totals.failed++;
    bar.aside(() => say(`${at}: ${reason}`));
  };
  for (const { at, reason } of found.unreadable) refuse(at, reason);
  await eachRepeated(file, found, (item) => refuse(item.at, "Another item of the file has the same external_id."));
  const made = about.dry_run === true ? new Set<string>() : undefined;
  const strangers = new Set<string>();
  let kept = 0;
  for await (const page of pagesOf(file, found)) {
    const sent = page.map((item) => withoutStrangers(item, strangers));
    for (const [index, item] of sent.entries()) {
      if (item !== page[index]) bar.aside(() => say(`${item.at}: left out are its members who are not here`));
    }
    for (const result of await sendPage(client, about, sent)) {
      const outcome = made ? imagined(result, made) : result.outcome;
      if (result.kept.length > 0) kept++;
      if (outcome === "failed" && result.item.list === "users") strangers.add(externalIdOf(result.item));
      if (outcome === "failed") refuse(result.at, result.reason ?? "failed");
      else totals[outcome]++;
    }
    bar.add(page.length);
    bar.tick(() => summary(totals));
  }
  bar.end();
  if (kept > 0) say(`${kept} items keep fields that people have changed since the last import`);
  const lost = [...file.lost].map(([what, count]) => `${count} ${what}`);
  if (lost.length > 0) say(`not carried over: ${lost.join(", ")}`);
  say(`${summary(totals)}${made ? " (a dry run: nothing was saved)" : ""}`);
  return totals.failed === 0;
}

async function eachRepeated(file: ImportFile, found: Survey, call: (item: FileItem) => void): Promise<void> {
  if (!found.hasRepeated) return;
  for await (const one of file.items()) if (!("reason" in one) && found.isRepeated(one)) call(one);
}

/** A project without the members who are not here: they are no reason to leave it out. */
function withoutStrangers(one: FileItem, strangers: ReadonlySet<string>): FileItem {
  if (one.list !== "projects" || strangers.size === 0 || !Array.isArray(one.item.members)) return one;
  const members = one.item.members.filter((member) => !strangers.has(member?.user));
  if (members.length === one.item.members.length) return one;
  return { ...one, item: { ...one.item, members } };
}

/**
 * The outcome in a dry run: what refers to something that an earlier page would have made would be made too. Otherwise only
 * the first page could be tried.
 */
function imagined({ item, outcome, dangling }: ItemResult, made: Set<string>): ItemResult["outcome"] {
  const id = externalIdOf(item);
  const refersTo = dangling && typeof item.item === "object" ? referenceIn(item, dangling) : undefined;
  const is = refersTo !== undefined && made.has(refersTo) ? "created" : outcome;
  if (is === "created") made.add(`${item.list} ${id}`);
  return is;
}

/** What the field of an item refers to. */
function referenceIn({ item }: FileItem, field: string): string | undefined {
  if (typeof item === "string") return undefined;
  if ("members" in item) {
    const index = Number(/^members\/(\d+)\/user$/.exec(field)?.[1]);
    const user = Array.isArray(item.members) ? item.members[index]?.user : undefined;
    return user && `users ${user}`;
  }
  const id: unknown = field in item ? item[field as keyof typeof item] : undefined;
  const list = { project: "projects", parent: "tasks", task: "tasks", user: "users" }[field];
  return typeof id === "string" && list ? `${list} ${id}` : undefined;
}

function summary({ created, updated, unchanged, failed }: Readonly<Record<ItemResult["outcome"], number>>): string {
  return `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`;
}
