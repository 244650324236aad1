import type { Database } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { envelopeOf, journalId, readAfter } from "@stoa/journal";
import { connect, type NatsConnection, NatsError } from "nats";
import { streamOf } from "../nats/stream.ts";

/** Opens a connection that `await using` closes at the end of the test. */
export async function natsFor(url: string): Promise<NatsConnection & AsyncDisposable> {
  const nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  return Object.assign(nc, { [Symbol.asyncDispose]: () => nc.close() });
}

/** The last sequence of a stream; -1 when there is none. */
export async function streamEnd(nc: NatsConnection, service: ServiceName): Promise<number> {
  const jsm = await nc.jetstreamManager({ checkAPI: false, timeout: 500 });
  return jsm.streams.info(streamOf(service)).then(
    ({ state }) => state.last_seq,
    () => -1,
  );
}

/** How stream and journal differ: sequence n must carry row n, byte for byte. Empty when they agree. */
export async function streamFaults(nc: NatsConnection, db: Database, service: ServiceName): Promise<string[]> {
  const jsm = await nc.jetstreamManager({ checkAPI: false });
  const id = await journalId(db);
  const faults: string[] = [];
  let row = 0;
  for (let rows = await readAfter(db, 0, 200); rows.length > 0; rows = await readAfter(db, row, 200)) {
    const payloads = await Promise.all(
      rows.map(({ seq }) =>
        jsm.streams.getMessage(streamOf(service), { seq }).then(
          (message) => message.string(),
          (error) => {
            if (error instanceof NatsError && error.api_error?.code === 404) return "nothing";
            throw error;
          },
        ),
      ),
    );
    for (const [index, its] of rows.entries()) {
      if (its.seq !== ++row) return [...faults, `row ${row} is missing`];
      if (payloads[index] !== JSON.stringify(envelopeOf(service, id, its))) faults.push(`sequence ${row} differs`);
    }
  }
  const end = await streamEnd(nc, service);
  if (end !== row) faults.push(`the stream ends at ${end}, the journal at ${row}`);
  return faults;
}
