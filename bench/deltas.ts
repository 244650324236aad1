import { done, piece, startChatServer } from "@stoa/messaging/test/chat-server";
import { quantile } from "./load.ts";
import { type Measurement, scaled, within } from "./measurement.ts";
import { startWorld } from "./stoa.ts";

/** How often the server of the model says something; milliseconds. */
const EVERY_MS = 25;

/** The text of an answer while it is being written. */
export const deltas: Measurement = {
  name: "deltas",
  about: "an assistant's answer of 400 pieces, 40 a second: how late each is on a socket after its server has said it",
  async run(settings) {
    const pieces = scaled(settings, 400, 20);
    using chat = startChatServer(async function* () {
      for (let n = 0; n < pieces; n++) {
        await Bun.sleep(EVERY_MS);
        yield piece(`said at ${performance.now()}; `);
      }
      yield done;
    });
    await using world = await startWorld({ env: { ASSISTANTS_URL: `${chat.origin}/v1`, ASSISTANTS_KEY: "heron" } });
    const { ada } = world;
    const { id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
      type: "group",
      title: "The weir",
    });
    const path = `/api/v1/conversations/${id}`;
    await ada.must(201, "POST", `${path}/assistants`, { name: "heron", model: "heron-1", trigger: "always" });
    const socket = await ada.socket();
    const completed = Promise.withResolvers<void>();
    const latencies: number[] = [];
    let rest = "";
    socket.onEvent = ({ event, data }) => {
      if (event === "message.completed") completed.resolve();
      if (event !== "message.delta") return;
      const text = rest + String(data["text"]);
      const known = text.lastIndexOf(";") + 1;
      for (const [, said] of text.slice(0, known).matchAll(/said at ([\d.]+);/g)) {
        latencies.push(performance.now() - Number(said));
      }
      rest = text.slice(known);
    };
    await ada.must(201, "POST", `${path}/messages`, { content: "How many herons are there?" });
    await completed.promise;
    socket.cut();
    if (latencies.length !== pieces) throw new Error(`${latencies.length} pieces of ${pieces} came.`);
    const numbers = { p50_ms: quantile(latencies, 0.5), p99_ms: quantile(latencies, 0.99), pieces };
    return [within("a piece of an answer to a socket", numbers, "p99_ms", "<=", 250)];
  },
};
