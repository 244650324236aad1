import type { Database } from "@stoa/db";
import { type Cause, system } from "@stoa/events";
import { withoutLongRuns } from "@stoa/http/marks";
import { linesIn } from "@stoa/identity/import/lines";
import { findPeople } from "@stoa/messaging/import/find-people";
import { importedGroup } from "@stoa/messaging/import/identify";
import { makeConversation } from "@stoa/messaging/import/make-conversation";
import { type Line, readLine } from "@stoa/messaging/import/mattermost";
import { notCarried, toMessage } from "@stoa/messaging/import/to-message";
import { writeMessages } from "@stoa/messaging/import/write-messages";
import { type Progress, progress } from "../identity/progress.ts";
import { Stage, type StagedPost } from "./stage.ts";

/** How an import is done, and where it is said what came of it. */
export interface Importing {
  readonly source: string;
  readonly dry_run: boolean;
  readonly say: (line: string) => void;
  readonly progress?: (total: number) => Progress;
}

/** Characters of the longest line: a post with thousands of answers. */
const LONGEST_LINE = 64_000_000;
/** Messages of one write. */
const AT_ONCE = 200;
/** Unknown users whose names are said. */
const NAMED = 20;

const cause: Cause = { ...system, device_info: "stoa messaging" };

/** A channel of the file. */
interface Channel {
  title: string | null;
  archived: boolean;
  readonly members: Map<string, { readonly admin: boolean }>;
}

/** What is known of the file once it was read. */
interface Survey {
  readonly channels: ReadonlyMap<string, Channel>;
  /** Addresses by username. */
  readonly emails: ReadonlyMap<string, string>;
  readonly lost: Map<string, number>;
  readonly faults: number;
}

/**
 * Imports a file of Mattermost's bulk load into messaging's database. An import that broke off is run again: what is there
 * is not written twice.
 *
 * @returns whether every line could be read
 */
export async function importFile(db: Database, path: string, how: Importing): Promise<boolean> {
  const { say, source, dry_run } = how;
  using stage = new Stage(source);
  const found = await survey(path, stage, how);
  const { lost } = found;
  const lose = (what: string, count = 1) => lost.set(what, (lost.get(what) ?? 0) + count);
  const names = new Set([
    ...stage.people(),
    ...[...found.channels.values()].flatMap(({ members }) => [...members.keys()]),
  ]);
  const users = await findPeople(db, [...names], found.emails);
  const unknown = [...names].filter((name) => !users.has(name)).toSorted();
  const totals = { conversations: 0, messages: 0, present: 0 };
  const keys = [...new Set([...found.channels.keys(), ...stage.keys()])];
  const bar = (how.progress ?? progress)(keys.length);
  for (const key of keys) {
    const place = await placeOf(db, stage, { key, source, dry_run, users, channel: found.channels.get(key) }, lose);
    if (place?.made) totals.conversations++;
    for (const page of place ? stage.posts(key, AT_ONCE) : []) {
      const messages = page.flatMap((post) => messageOf(post, users, lose));
      const added =
        dry_run || !place
          ? messages.length
          : await writeMessages({ db, now: () => new Date() }, cause, { conversation_id: place.id, source }, messages);
      totals.messages += added;
      totals.present += messages.length - added;
      bar.tick(() => `${totals.messages} messages`);
    }
    bar.add(1);
  }
  bar.end();
  if (unknown.length > 0) say(`unknown users: ${unknown.slice(0, NAMED).join(", ")}${more(unknown.length - NAMED)}`);
  const left = [...lost].filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  if (left.length > 0) say(`not carried over: ${left.join(", ")}`);
  const { conversations, messages, present } = totals;
  const end = dry_run ? " (a dry run: nothing was written)" : "";
  say(`${conversations} conversations and ${messages} messages added, ${present} there already${end}`);
  return found.faults === 0;
}

const more = (count: number) => (count > 0 ? ` and ${count} more` : "");

/** Reads the file once: its channels, who is in them, and its posts, which go to the stage. */
async function survey(path: string, stage: Stage, { say, progress: shown = progress }: Importing): Promise<Survey> {
  const file = Bun.file(path);
  const channels = new Map<string, Channel>();
  const emails = new Map<string, string>();
  const lost = new Map<string, number>();
  const bar = shown(file.size);
  const channel = (key: string): Channel => {
    const known = channels.get(key) ?? { title: null, archived: false, members: new Map() };
    channels.set(key, known);
    return known;
  };
  let [number, faults] = [0, 0];
  for await (const text of linesIn(bar.watch(file.stream()), LONGEST_LINE)) {
    number++;
    if (text.trim() === "") continue;
    try {
      take(readLine(text), { channel, emails, stage, lost });
    } catch (error) {
      faults++;
      bar.aside(() => say(`line ${number}: ${error instanceof Error ? error.message : String(error)}`));
    }
    bar.tick(() => `${number} lines read`);
  }
  bar.end();
  stage.close();
  return { channels, emails, lost, faults };
}

/** Kinds of lines that say nothing that could be carried over. */
const silent = new Set(["version", "team"]);

interface Taking {
  readonly channel: (key: string) => Channel;
  readonly emails: Map<string, string>;
  readonly stage: Stage;
  readonly lost: Map<string, number>;
}

function take(line: Line, { channel, emails, stage, lost }: Taking): void {
  if (line.kind === "channel") Object.assign(channel(line.key), { title: line.title, archived: line.archived });
  else if (line.kind === "member") {
    if (line.email !== null) emails.set(line.username, line.email);
    for (const { key, admin } of line.in) channel(key).members.set(line.username, { admin });
  } else if (line.kind === "direct") {
    for (const name of line.members) channel(line.key).members.set(name, { admin: false });
  } else if (line.kind === "post") {
    if (line.key.startsWith("@")) {
      for (const name of line.key.slice(1).split(",")) channel(line.key).members.set(name, { admin: false });
    }
    stage.add(line.key, line.post, line.replies);
  } else if (!silent.has(line.what))
    lost.set(`lines of type ${line.what}`, (lost.get(`lines of type ${line.what}`) ?? 0) + 1);
}

interface Placing {
  readonly key: string;
  readonly source: string;
  readonly dry_run: boolean;
  readonly users: ReadonlyMap<string, string>;
  readonly channel: Channel | undefined;
}

/** The conversation of a channel, made if it is not there; undefined when it is not carried over. */
async function placeOf(
  db: Database,
  stage: Stage,
  { key, source, dry_run, users, channel }: Placing,
  lose: (what: string, count?: number) => void,
): Promise<{ readonly id: string; readonly made: boolean } | undefined> {
  const named = [...(channel?.members ?? [])].flatMap(([name, { admin }]) => {
    const id = users.get(name);
    return id === undefined ? [] : [{ id, admin }];
  });
  const members = [...named.filter(({ admin }) => admin), ...named.filter(({ admin }) => !admin)].map(({ id }) => id);
  const size = channel?.members.size ?? 0;
  const isDirect = key.startsWith("@") && size <= 2;
  if (channel?.archived) return skipped("archived channels");
  if (isDirect && members.length < 2) return skipped("direct channels with oneself, or with unknown users");
  if (members.length === 0) return skipped("channels without known members");
  lose("members of channels beyond 500", Math.max(0, members.length - 500));
  const id = importedGroup({ source, key });
  if (dry_run) return { id, made: true };
  const place = await makeConversation({ db, now: () => new Date() }, cause, {
    id,
    type: isDirect ? "direct" : "group",
    title: isDirect ? null : titleOf(channel, key),
    members,
    time: new Date(stage.began(key) ?? Date.now()).toISOString(),
  });
  return place ?? skipped("channels whose group lies in the trash");

  function skipped(what: string): undefined {
    lose(what);
    for (const page of stage.posts(key, AT_ONCE)) lose("posts of such channels", page.length);
  }
}

/** Its display name on one line; a group without one has none. */
function titleOf(channel: Channel | undefined, key: string): string | null {
  if (key.startsWith("@")) return null;
  const title = withoutLongRuns((channel?.title ?? key).toWellFormed().replaceAll(/\p{Cc}+/gu, " "))
    .normalize("NFC")
    .trim();
  return [...title].slice(0, 255).join("") || null;
}

function messageOf({ id, said, parent }: StagedPost, users: ReadonlyMap<string, string>, lose: (what: string) => void) {
  const reason = notCarried(said, users);
  if (reason !== undefined) {
    lose(reason);
    return [];
  }
  const parent_id = parent && notCarried(parent.said, users) === undefined ? parent.id : null;
  return [toMessage(id, said, users, parent_id, lose)];
}
