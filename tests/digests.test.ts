import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { eventually } from "@stoa/testing";
import { Client, type Person, signUp } from "./client.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

/** How long a topology may take to start or to stop; milliseconds. */
const START_MS = 60_000;
/** Longer than notifications are gathered. */
const PATIENT = { within: 60_000 };

let topology: Topology;
beforeAll(async () => {
  topology = await startStandalone();
}, START_MS);
afterAll(() => topology?.stop(), START_MS);

/** The mails to someone in the outbox, as they are read. */
async function mailsTo(address: string): Promise<string[]> {
  const outbox = join(dirname(topology.databaseUrls.messaging.replace(/^file:/, "")), "outbox");
  const files = (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith(".eml"));
  const texts = await Promise.all(files.map((name) => Bun.file(join(outbox, name)).text()));
  // Quoted-printable, RFC 2045 section 6.7: only soft line breaks and equal signs matter here.
  return texts
    .filter((text) => text.includes(`To: ${address}`))
    .map((text) => text.replace(/=\r?\n/g, "").replaceAll("=3D", "="));
}

async function verified(name: string): Promise<Person> {
  const person = await signUp(topology.gatewayUrl, name);
  const token = await eventually(async () =>
    /#token=([\w-]+)/.exec((await mailsTo(`${person.username}@example.com`)).join())?.at(1),
  );
  await new Client(topology.gatewayUrl).must(200, "POST", "/api/v1/auth/email/verify", { token });
  return person;
}

test(
  "whoever wants mails of mentions and of talk about tasks finds them in the outbox, one for each topic",
  async () => {
    const [ana, ben] = [await signUp(topology.gatewayUrl, "ana"), await verified("ben")];
    const address = `${ben.username}@example.com`;
    const kinds = { mentioned: "email", assigned: "email", commented: "email" };
    await ben.must(200, "PATCH", "/api/v1/notifications/preferences", { kinds });
    const members = { type: "group", title: "Weir", participant_ids: [ben.id] };
    const group = await ana.must<{ id: string }>(201, "POST", "/api/v1/conversations", members);
    await ana.must(201, "POST", `/api/v1/conversations/${group.id}/messages`, { content: `@${ben.username} a secret` });
    const project = await ana.must<{ id: string }>(201, "POST", "/api/v1/projects", { name: "Harbour" });
    await ana.must(201, "POST", `/api/v1/projects/${project.id}/users`, { user_id: ben.id, role: "developer" });
    const made = { title: "Dredge the basin", project_id: project.id, assignee_ids: [ben.id] };
    const task = await ana.must<{ id: string }>(201, "POST", "/api/v1/tasks", made);
    const conversation = await eventually(async () => {
      const { body } = await ben.get<{ items: { id: string; project_id: string | null }[] }>("/api/v1/conversations");
      return body.items.find(({ project_id }) => project_id === project.id);
    });
    const about = { content: "How deep?", task_id: task.id };
    await ana.must(201, "POST", `/api/v1/conversations/${conversation.id}/messages`, about);
    const digests = await eventually(async () => {
      const mails = (await mailsTo(address)).filter((mail) => mail.includes("You chose to be mailed"));
      return mails.length >= 2 && mails;
    }, PATIENT);
    expect(digests.map((mail) => /^Subject: (.*)$/m.exec(mail)?.at(1)).sort()).toEqual([
      "2 notifications: Dredge the basin",
      "ana mentioned you in Weir",
    ]);
    expect(digests.join()).not.toContain("a secret");
    expect(digests.join()).not.toContain("How deep?");
  },
  START_MS * 2,
);
