import { type Person, signUp } from "../tests/client.ts";
import type { EventSocket } from "../tests/event-socket.ts";
import { type Measurement, scaled, within } from "./measurement.ts";
import { startWorld } from "./stoa.ts";

/** Someone is added to a large group whose people all listen. */
export const joining: Measurement = {
  name: "joining",
  about: "one of 151 is added to a group whose people all listen: bytes to each, and how long nothing else is answered",
  async run(settings) {
    await using world = await startWorld();
    const { ada, stoa } = world;
    const url = stoa.gatewayUrl;
    const others = await signUpAll(url, scaled(settings, 149, 5));
    const newcomer = await signUp(url, "newcomer");
    const { id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
      type: "group",
      title: "The weir",
      participant_ids: others.map((other) => other.id),
    });
    const sockets: EventSocket[] = [];
    for (const person of [ada, ...others]) sockets.push(await person.socket());
    const path = `/api/v1/conversations/${id}/participants/${newcomer.id}`;
    const rounds: { held_ms: number; all_ms: number; bytes: number }[] = [];
    // The first round warms up.
    for (let round = 0; round <= Math.min(settings.rounds, 5); round++) {
      const heard = hearAll(sockets, "conversation.participant_added");
      const began = performance.now();
      const pings = pingUntil(url, heard.all);
      await ada.must(200, "PUT", path);
      const bytes = await heard.all;
      const all_ms = performance.now() - began;
      const held_ms = await pings;
      if (round > 0) rounds.push({ held_ms, all_ms, bytes });
      const gone = hearAll(sockets, "conversation.participant_removed");
      await ada.must(204, "DELETE", path);
      await gone.all;
    }
    for (const socket of sockets) socket.cut();
    // The round that other work on the machine has disturbed least.
    const { held_ms, all_ms, bytes } = rounds.reduce((one, other) => (other.held_ms < one.held_ms ? other : one));
    const people = sockets.length + 1;
    return [
      within("bytes to each when one of 151 is added", { bytes, people }, "bytes", "<=", 1_000),
      within("the process is held when one of 151 is added", { held_ms, all_ms }, "held_ms", "<=", 100),
    ];
  },
};

/** Resolves when each socket has an event of this name, to the bytes of the largest. */
function hearAll(sockets: readonly EventSocket[], name: string): { readonly all: Promise<number> } {
  const { promise, resolve } = Promise.withResolvers<number>();
  const waiting = new Set(sockets);
  let bytes = 0;
  for (const socket of sockets) {
    socket.onEvent = (event) => {
      if (event.event !== name) return;
      bytes = Math.max(bytes, Buffer.byteLength(JSON.stringify({ type: "event", ...event })));
      waiting.delete(socket);
      if (waiting.size === 0) resolve(bytes);
    };
  }
  return { all: promise };
}

/** Asks for something that costs nothing, again and again until then. Returns how long the slowest answer took. */
async function pingUntil(url: string, end: Promise<unknown>): Promise<number> {
  let ended = false;
  const ending = end.then(() => {
    ended = true;
  });
  let slowest = 0;
  while (!ended) {
    const began = performance.now();
    await (await fetch(`${url}/health/live`)).text();
    slowest = Math.max(slowest, performance.now() - began);
  }
  await ending;
  return slowest;
}

async function signUpAll(url: string, count: number): Promise<Person[]> {
  const people: Person[] = [];
  while (people.length < count) {
    const some = Array.from({ length: Math.min(8, count - people.length) }, (_none, n) => signUp(url, `member${n}`));
    people.push(...(await Promise.all(some)));
  }
  return people;
}
