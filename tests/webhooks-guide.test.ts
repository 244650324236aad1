import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "@stoa/testing";
import { newSecret } from "@stoa/webhooks/secret";
import { signatureHeaders } from "@stoa/webhooks/sign";

const guide = join(import.meta.dir, "..", "docs", "webhooks.md");

test("the receiver of the guide takes what is signed, once, and refuses what is not, was changed or is old", async () => {
  const [, code] = /```ts\n(.*?)```/s.exec(await Bun.file(guide).text()) ?? [];
  await using folder = await temporaryDirectory("webhook-receiver");
  const file = join(folder.path, "receiver.ts");
  await Bun.write(
    file,
    (code ?? "")
      .replace("console.log(event.type, event.data)", "took.push(event.type)")
      .concat("\nexport const took: string[] = [];\n"),
  );
  const { receive, took } = (await import(file)) as {
    receive: (request: Request, secret: string) => Promise<Response>;
    took: string[];
  };
  const secret = newSecret();
  const body = JSON.stringify({ type: "task.completed", data: {} });
  const now = Math.floor(Date.now() / 1_000);
  const send = async (id: string, timestamp: number, sent = body, by = secret) => {
    const headers = await signatureHeaders(by, { id, timestamp, body });
    return (await receive(new Request("http://localhost/", { method: "POST", headers, body: sent }), secret)).status;
  };
  expect([await send("1", now), await send("1", now), await send("2", now)]).toEqual([204, 204, 204]);
  expect(took).toEqual(["task.completed", "task.completed"]);
  expect(await send("3", now, `${body} `)).toBe(401);
  expect(await send("3", now, body, newSecret())).toBe(401);
  expect(await send("3", now - 301)).toBe(401);
  expect((await receive(new Request("http://localhost/", { method: "POST", body }), secret)).status).toBe(401);
});
