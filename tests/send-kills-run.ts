import { openDatabase, sql } from "@stoa/db";
import { eventually } from "@stoa/testing";
import { type Person, signUp } from "./client.ts";
import { random } from "./random.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

/** A message as the test looks at it. */
interface Sent {
  readonly id: string;
  readonly seq: number;
  readonly client_id: string;
  readonly content: string;
}

/** How often the server is killed while messages are sent, and the seed that chooses when. */
export interface SendKillRun {
  readonly kills: number;
  readonly seed: number;
}

/** What became of the messages. */
export interface SendKillOutcome {
  /** Messages that were acknowledged. */
  readonly sent: number;
  /** Requests that had no answer, or one that asks to try again. */
  readonly unanswered: number;
  /** What is wrong, a line for each fault. */
  readonly faults: readonly string[];
}

/**
 * Sends messages under `client_id`s to a group and to a direct conversation, each again and again until it is acknowledged
 * and sometimes twice at once, while the server is killed and started again.
 */
export async function runSendKills({ kills, seed }: SendKillRun): Promise<SendKillOutcome> {
  const chance = random(seed);
  await using stoa = await startStandalone({ env: { ACCESS_TOKEN_EXPIRE_MINUTES: "600" } });
  const { standalone } = stoa.processes;
  if (!standalone) throw new Error("Standalone has no process of its name.");
  const people = [await signUp(stoa.gatewayUrl, "ada"), await signUp(stoa.gatewayUrl, "bob")];
  const [ada, bob] = people as [Person, Person];
  const group = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
    type: "group",
    participant_ids: [bob.id],
  });
  const acknowledged = new Map<string, Sent>();
  const faults: string[] = [];
  let unanswered = 0;
  let running = true;

  /** One try; undefined when it has no answer, or one that asks to try again. */
  const attempt = async (person: Person, path: string, body: object): Promise<Sent | undefined> => {
    try {
      const answer = await person.post<Sent>(path, body);
      if (answer.status === 201) return answer.body;
      if (answer.status < 500) faults.push(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    unanswered++;
    return undefined;
  };

  const send = async (person: Person, n: number) => {
    const client_id = `${person.username} ${n}`;
    const content = `  Message ${client_id}`;
    const direct = n % 2 === 0;
    const path = direct ? "/api/v1/messages" : `/api/v1/conversations/${group.id}/messages`;
    const recipient_id = person === ada ? bob.id : ada.id;
    const body = { content, client_id, ...(direct && { recipient_id }) };
    await eventually(
      async () => {
        const tries = chance.below(4) === 0 ? [0, 1] : [0];
        const answers = await Promise.all(tries.map(() => attempt(person, path, body)));
        for (const sent of answers.filter((answer) => answer !== undefined)) {
          const known = acknowledged.get(client_id) ?? sent;
          if (known.id !== sent.id || known.seq !== sent.seq) faults.push(`${client_id} is two messages`);
          acknowledged.set(client_id, sent);
        }
        return acknowledged.has(client_id);
      },
      { within: 60_000, what: `The sending of ${client_id}` },
    );
  };

  const workers = people.flatMap((person) =>
    [0, 1, 2].map(async (worker) => {
      for (let n = worker; running; n += 3) await send(person, n);
    }),
  );
  for (let kill = 0; kill < kills; kill++) {
    const so_far = acknowledged.size;
    const until = so_far + 5 + chance.below(40);
    await eventually(() => acknowledged.size >= until, { within: 60_000, what: "Sending" });
    await standalone.kill9();
    await standalone.start();
  }
  running = false;
  await Promise.all(workers);

  const { conversation_id } = await ada.must<{ conversation_id: string }>(
    200,
    "GET",
    `/api/v1/messages/${acknowledged.get(`${ada.username} 0`)?.id}`,
  );
  const found = [...(await everything(bob, group.id)), ...(await everything(bob, conversation_id))];
  for (const [client_id, { id, seq }] of acknowledged) {
    const those = found.filter((message) => message.client_id === client_id);
    const [only] = those;
    if (those.length !== 1 || only?.id !== id || only.seq !== seq || only.content !== `  Message ${client_id}`) {
      faults.push(`${client_id} is there ${those.length} times`);
    }
  }
  if (found.length !== acknowledged.size) faults.push(`${found.length} messages of ${acknowledged.size} are there`);
  faults.push(...(await searchFaults(stoa, bob, acknowledged)));
  return { sent: acknowledged.size, unanswered, faults };
}

/** What is wrong with a search for all messages: now, and when all have come into the index. */
async function searchFaults(
  { databaseUrls }: Topology,
  person: Person,
  acknowledged: ReadonlyMap<string, Sent>,
): Promise<string[]> {
  const faults: string[] = [];
  const look = async (when: string) => {
    const found = await everythingFound(person);
    const ids = new Set(found);
    const missing = [...acknowledged.values()].filter(({ id }) => !ids.has(id));
    if (missing.length > 0) faults.push(`${missing.length} messages are not found ${when}`);
    if (ids.size < found.length) faults.push(`${found.length - ids.size} messages are found twice ${when}`);
  };
  await look("after the last start");
  const db = await openDatabase(databaseUrls.messaging);
  try {
    const missing = sql`select 1 from messages where folded is null`;
    await eventually(async () => (await db.query(missing)).length === 0, { within: 60_000, what: "Indexing" });
  } finally {
    db.close();
  }
  await look("in the index");
  return faults;
}

/** The ids of all messages that a search finds. */
async function everythingFound(person: Person): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const path = `/api/v1/messages/search?q=message&limit=100${cursor}`;
    const page = await person.must<{ items: Sent[]; next_cursor: string | null }>(200, "GET", path);
    ids.push(...page.items.map(({ id }) => id));
    if (page.next_cursor === null) return ids;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

/** All messages of a conversation; their numbers have no holes. */
async function everything(person: Person, conversation_id: string): Promise<Sent[]> {
  const items: Sent[] = [];
  for (;;) {
    const path = `/api/v1/conversations/${conversation_id}/messages?limit=100&after_seq=${items.length}`;
    const page = await person.must<{ items: Sent[]; next_cursor: string | null }>(200, "GET", path);
    for (const item of page.items) {
      if (item.seq !== items.length + 1) throw new Error(`After ${items.length} comes ${item.seq}.`);
      items.push(item);
    }
    if (page.next_cursor === null) return items;
  }
}
