import { signUp } from "../tests/client.ts";
import { EventStream } from "../tests/event-stream.ts";
import { cpuClock } from "./cpu.ts";
import { type Measurement, scaled, within } from "./measurement.ts";
import { startWorld } from "./stoa.ts";

/** How many messages are sent at the same time. */
const AT_ONCE = 10;

/** A client that comes back after very many events. */
export const resume: Measurement = {
  name: "resume",
  about: "an event stream that resumes over 5,000 messages: how long until it has them all, in order and once",
  async run(settings) {
    await using world = await startWorld();
    const { ada, stoa, server } = world;
    const bob = await signUp(stoa.gatewayUrl, "bob");
    const { id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
      type: "group",
      title: "The weir",
      participant_ids: [bob.id],
    });
    const first = await bob.stream();
    await until(() => first.lastEventId !== undefined, "the stream is ready");
    const after = first.lastEventId;
    first.cut();
    const events = scaled(settings, 5_000, 50);
    for (let n = 0; n < events; n += AT_ONCE) {
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_none, at) =>
          ada.must(201, "POST", `/api/v1/conversations/${id}/messages`, { content: `Heron ${n + at}` }),
        ),
      );
    }
    const rounds: number[] = [];
    const used = cpuClock(server.pid);
    for (let round = 0; round < Math.min(settings.rounds, 3); round++) {
      const began = performance.now();
      const stream = await EventStream.open(`${stoa.gatewayUrl}/api/v1/stream`, bob.token ?? "", after);
      await until(() => stream.named("message.sent").length >= events, "all messages came");
      rounds.push(performance.now() - began);
      stream.cut();
      requireInOrder(stream.named("message.sent").map(({ data }) => Number(data["seq"])));
    }
    // The round that other work on the machine has disturbed least.
    const all_ms = Math.min(...rounds);
    const cpu_ms = used() / (events * rounds.length);
    const numbers = { all_ms, events, per_second: (events * 1_000) / all_ms, cpu_ms };
    return [within("resume of a stream over 5,000 events", numbers, "all_ms", "<=", 5_000)];
  },
};

function requireInOrder(seqs: readonly number[]): void {
  const wrong = seqs.findIndex((seq, at) => seq !== (seqs[0] ?? 0) + at);
  if (wrong >= 0) throw new Error(`Message ${seqs[wrong]} came after ${seqs[wrong - 1]}.`);
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 120_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`It did not happen within two minutes that ${what}.`);
    await Bun.sleep(5);
  }
}
