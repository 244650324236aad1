import { expect, test } from "bun:test";
import { connectNats } from "@stoa/bus/nats";
import { eventually, startNats, temporaryDatabase, userEnabled } from "@stoa/testing";

test("the permissions in nats.conf are enough for relay and readers, also to make a stream again", async () => {
  const file = await Bun.file(`${import.meta.dir}/nats.conf`).text();
  const config = file
    .replace(/^listen:.*$/m, "")
    .replace(/^http:.*$/m, "")
    .replace(/jetstream \{[^}]*\}/, "");
  const env = {
    IDENTITY_NATS_PASSWORD: "sidentity",
    PROJECTS_NATS_PASSWORD: "sprojects",
    MESSAGING_NATS_PASSWORD: "smessaging",
    OPERATOR_NATS_PASSWORD: "soperator",
  };
  await using server = await startNats({ config, env });
  await using stored = await temporaryDatabase("identity");
  const warnings: string[] = [];
  const note = (fields: object, message: string) => void warnings.push(`${message} ${JSON.stringify(fields)}`);
  const log = { info: () => undefined, warn: note, error: note };
  const as = (name: string) => connectNats({ servers: server.url.replace("//", `//${name}:s${name}@`), name, log });
  const [identity, projects] = [as("identity"), as("projects")];
  const relay = identity.relay({ service: "identity", db: stored.db });
  const stop = new AbortController();
  const came: number[] = [];
  const reading = projects
    .source("identity")
    .follow({ after: 0 }, async (events) => void came.push(...events.map((event) => event.sequence)), stop.signal);
  await stored.db.write([userEnabled()]);
  await eventually(() => came.length === 1);
  await server.kill9();
  await server.wipe();
  await server.start();
  await stored.db.write([userEnabled()]);
  await eventually(() => came.length === 2);
  stop.abort();
  await reading;
  await relay.stop();
  await Promise.all([identity.close(), projects.close()]);
  expect(came).toEqual([1, 2]);
  expect(warnings.filter((line) => line.includes("Permissions"))).toEqual([]);
}, 30_000);
