import { slowly, startChatServer } from "@stoa/messaging/test/chat-server";
import { eventually } from "@stoa/testing";
import { type Person, signUp } from "./client.ts";
import type { EventStream } from "./event-stream.ts";
import { type Random, random } from "./random.ts";
import { startStandalone } from "./topologies/standalone.ts";

/** How often Stoa is killed, and the seed that chooses when. */
export interface AnswerKillRun {
  readonly rounds: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

interface Message {
  readonly id: string;
  readonly parent_id: string | null;
  readonly status: string;
  readonly content: string;
}

const words = Array.from({ length: 200 }, (_, number) => `wörd${number} 🙂 `);
const whole = words.join("");

/**
 * Asks an assistant, kills Stoa after some pieces of the answer, starts it again, and goes on with the stream: as often as
 * there are rounds.
 *
 * @returns what is wrong with the answers, a line for each fault
 */
export async function runAnswerKills({ rounds, seed, log }: AnswerKillRun): Promise<string[]> {
  const chance = random(seed);
  using chat = startChatServer(slowly(words));
  await using stoa = await startStandalone({
    env: {
      ACCESS_TOKEN_EXPIRE_MINUTES: "600",
      ASSISTANTS_URL: `${chat.origin}/v1`,
      ASSISTANTS_DAILY_TOKENS: "1000000000",
    },
  });
  const ada = await signUp(stoa.gatewayUrl, "ada");
  const { id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", { type: "group", title: "Kiln" });
  const path = `/api/v1/conversations/${id}`;
  await ada.must(201, "POST", `${path}/assistants`, { name: "helper", model: "m", trigger: "mention" });
  const faults: string[] = [];
  const reader = new Reader(ada, faults);
  await reader.connect();
  for (let round = 1; round <= rounds; round++) {
    const question = await ada.must<Message>(201, "POST", `${path}/messages`, { content: "@helper" });
    const seen = await reader.until(question.id, chance);
    await stoa.processes.standalone?.kill9();
    await stoa.processes.standalone?.start();
    await reader.connect();
    const answer = await eventually(async () => {
      const found = await answerTo(ada, path, question.id);
      return found && found.status !== "streaming" && found;
    });
    const shown = reader.textOf(answer.id);
    const name = `round ${round}`;
    if (answer.status !== "failed" && answer.content !== whole) faults.push(`${name}: ${answer.status}, but not whole`);
    if (!whole.startsWith(answer.content)) faults.push(`${name}: not what the model said`);
    if (!answer.content.startsWith(shown))
      faults.push(`${name}: it shrank from ${shown.length} to ${answer.content.length}`);
    await eventually(() => reader.ended(answer.id) === 1, { what: "the event that it has ended" });
    log(`${name}: killed after ${seen} pieces; ${answer.status} with ${answer.content.length} characters`);
  }
  const { items } = await ada.must<{ items: Message[] }>(
    200,
    "GET",
    `/api/v1/messages?conversation_id=${id}&limit=100`,
  );
  for (const { id: message_id, status } of items) {
    if (status === "streaming") faults.push(`${message_id} is still being written`);
    if (reader.ended(message_id) > 1) faults.push(`${message_id} has ended more than once`);
  }
  reader.cut();
  return faults;
}

async function answerTo(ada: Person, path: string, question_id: string): Promise<Message | undefined> {
  const { items } = await ada.must<{ items: Message[] }>(200, "GET", `${path}/messages?parent_id=${question_id}`);
  return items[0];
}

/** A client that resumes its stream, and checks that no text shrinks and no piece leaves a gap. */
class Reader {
  readonly #person: Person;
  readonly #faults: string[];
  readonly #texts = new Map<string, string>();
  readonly #ended = new Map<string, number>();
  #stream: EventStream | undefined;
  #taken = 0;

  constructor(person: Person, faults: string[]) {
    this.#person = person;
    this.#faults = faults;
  }

  async connect(): Promise<void> {
    this.#take();
    const after = this.#stream?.lastEventId;
    this.#stream?.cut();
    this.#taken = 0;
    this.#stream = await this.#person.stream(after);
  }

  cut(): void {
    this.#stream?.cut();
  }

  /** Waits for some pieces of the answer to a question, or for its end. Returns how many there were. */
  async until(question_id: string, chance: Random): Promise<number> {
    const wanted = 1 + chance.below(8);
    let pieces = 0;
    await eventually(() => {
      const events = this.#stream?.events ?? [];
      const sent = events.find(({ event, data }) => event === "message.sent" && data["parent_id"] === question_id);
      const id = sent?.data["id"];
      pieces = events.filter(({ event, data }) => event === "message.delta" && data["message_id"] === id).length;
      return pieces >= wanted || events.some(({ event, data }) => event === "message.completed" && data["id"] === id);
    });
    this.#take();
    return pieces;
  }

  /** The text that was shown of a message. */
  textOf(id: string): string {
    this.#take();
    return this.#texts.get(id) ?? "";
  }

  /** How often the end of a message was told. */
  ended(id: string): number {
    this.#take();
    return this.#ended.get(id) ?? 0;
  }

  #take(): void {
    const events = this.#stream?.events ?? [];
    for (const { event, data } of events.slice(this.#taken)) {
      if (event === "message.delta")
        this.#piece(String(data["message_id"]), Number(data["offset"]), String(data["text"]));
      else if (event === "message.completed") {
        const id = String(data["id"]);
        this.#ended.set(id, (this.#ended.get(id) ?? 0) + 1);
      }
    }
    this.#taken = events.length;
  }

  #piece(id: string, offset: number, text: string): void {
    const before = [...(this.#texts.get(id) ?? "")];
    if (offset > before.length) this.#faults.push(`${id}: a gap at ${offset}`);
    const now = [...before.slice(0, offset), ...text];
    if (now.length < before.length) this.#faults.push(`${id}: it shrank from ${before.length} to ${now.length}`);
    this.#texts.set(id, now.join(""));
  }
}
