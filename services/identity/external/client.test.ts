import { afterEach, describe, expect, test } from "bun:test";
import { StoaError } from "@stoa/errors";
import { corporateDirectory } from "./client.ts";

const credentials = { account_id: "acme", username: "jdoe", password: "a corporate secret" };
const jane = { guid: "g-1", ace_user_id: 4711, username: "jdoe", email: "jane@example.com", email_verified: true };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A real HTTP server that answers as told, and remembers what it was asked. */
function serve(answer: (request: Request) => Response | Promise<Response>) {
  const asked: { method: string; type: string | null; body: unknown }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { method, headers } = request;
      asked.push({ method, type: headers.get("content-type"), body: await request.json() });
      return answer(request);
    },
  });
  stops.push(() => server.stop(true));
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead);
  const directory = corporateDirectory({ url: `${server.url}login?tenant=1`, now, timeout_ms: 300 });
  return { asked, clock, server, directory, ask: () => outcome(directory) };
}

async function outcome(directory: ReturnType<typeof corporateDirectory>) {
  try {
    return await directory.authenticate(credentials);
  } catch (error) {
    if (!(error instanceof StoaError)) throw error;
    return error.code;
  }
}

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status });

describe("an answer", () => {
  test("200 says who it is; the request is one JSON POST with what was given", async () => {
    const { ask, asked, directory, server } = serve(json({ ...jane, role: "user", more: [1] }));
    expect(await ask()).toEqual({
      guid: "g-1",
      ace_user_id: 4711,
      username: "jdoe",
      verified_email: "jane@example.com",
      role: "user",
    });
    expect(asked).toEqual([{ method: "POST", type: "application/json", body: credentials }]);
    expect(directory.origin).toBe(server.url.origin);
  });

  test.each([
    { guid: "g", ace_user_id: "x-1", username: "u" },
    { guid: "g", ace_user_id: "x-1", username: "u", email: "u@example.com" },
    { guid: "g", ace_user_id: "x-1", username: "u", email: "u@example.com", email_verified: false },
    { guid: "g", ace_user_id: "x-1", username: "u", email: null, email_verified: true, role: null },
  ])("of %j has no verified e-mail", async (body) => {
    expect(await serve(json(body)).ask()).toMatchObject({ ace_user_id: "x-1", verified_email: null });
  });

  test.each([
    [401, "invalid_credentials"],
    [404, "invalid_account_id"],
    [201, "directory_unavailable"],
    [204, "directory_unavailable"],
    [400, "directory_unavailable"],
    [403, "directory_unavailable"],
    [429, "directory_unavailable"],
    [500, "directory_unavailable"],
    [503, "directory_unavailable"],
  ])("%p is %s", async (status, code) => {
    const { ask, asked } = serve(() => new Response(status === 204 ? null : JSON.stringify(jane), { status }));
    expect(await ask()).toBe(code as never);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "<html>Sign in</html>"],
    ["half of it", JSON.stringify(jane).slice(0, 40)],
    ["null", "null"],
    ["a list", "[]"],
    ["no guid", JSON.stringify({ ...jane, guid: undefined })],
    ["an empty guid", JSON.stringify({ ...jane, guid: "" })],
    ["a guid that is a number", JSON.stringify({ ...jane, guid: 1 })],
    ["a guid with a NUL", JSON.stringify({ ...jane, guid: "g\u0000" })],
    ["a guid with a lone surrogate", '{"guid":"\\ud800","ace_user_id":1,"username":"u"}'],
    ["a username with a line break", JSON.stringify({ ...jane, username: "j\ndoe" })],
    ["a long username", JSON.stringify({ ...jane, username: "j".repeat(256) })],
    ["no ace_user_id", JSON.stringify({ ...jane, ace_user_id: undefined })],
    ["a fraction as ace_user_id", JSON.stringify({ ...jane, ace_user_id: 1.5 })],
    ["an e-mail that is none", JSON.stringify({ ...jane, email: "jane" })],
    ["a yes for email_verified", JSON.stringify({ ...jane, email_verified: "yes" })],
    ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
  ])("with %s is directory_unavailable", async (_what, body) => {
    expect(await serve(() => new Response(body)).ask()).toBe("directory_unavailable");
  });
});

describe("a directory", () => {
  test("that redirects is not followed: the password goes nowhere else", async () => {
    const elsewhere = serve(json(jane));
    const { ask } = serve(() => Response.redirect(`${elsewhere.server.url}login`, 307));
    expect(await ask()).toBe("directory_unavailable");
    expect(elsewhere.asked).toEqual([]);
  });

  test("that is slow to answer, or stops in the middle of it, is given up on in time, and not asked again", async () => {
    const never = new Promise<Response>(() => undefined);
    const slow = serve(() => never);
    expect(await slow.ask()).toBe("directory_unavailable");
    expect(slow.asked).toHaveLength(1);
    const stuck = serve(() => new Response(new ReadableStream({ start: (it) => it.enqueue(utf8('{"guid":')) })));
    expect(await stuck.ask()).toBe("directory_unavailable");
    expect(stuck.asked).toHaveLength(1);
  });

  test("that answers without end is read no further than 64 KiB", async () => {
    let sent = 0;
    const body = () =>
      new ReadableStream({
        pull: (it) => {
          sent += 65_536;
          it.enqueue(new Uint8Array(65_536).fill(32));
        },
      });
    const { ask } = serve(() => new Response(body()));
    expect(await ask()).toBe("directory_unavailable");
    // What lies in the buffers of the connection is sent too.
    expect(sent).toBeLessThan(50_000_000);
  });

  test("that closes the connection after the request is not asked again", async () => {
    let connections = 0;
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: () => {
          connections++;
        },
        data: (socket) => {
          socket.terminate();
        },
      },
    });
    stops.push(async () => listener.stop(true));
    const directory = corporateDirectory({ url: `http://127.0.0.1:${listener.port}/`, now: () => new Date() });
    expect(await outcome(directory)).toBe("directory_unavailable");
    expect(connections).toBe(1);
  });

  test("that refuses the connection is tried once more", async () => {
    const { server, directory } = serve(json(jane));
    const { port } = server;
    await server.stop(true);
    expect(await outcome(directory)).toBe("directory_unavailable");

    const { fetch } = globalThis;
    let tries = 0;
    const refusingOnce = Object.assign((...args: Parameters<typeof fetch>) => {
      // It comes up between the first try and the second.
      if (++tries === 2) {
        const back = Bun.serve({ port: port ?? 0, hostname: "127.0.0.1", fetch: json(jane) });
        stops.push(() => back.stop(true));
      }
      return fetch(...args);
    }, fetch);
    globalThis.fetch = refusingOnce;
    try {
      expect(await outcome(directory)).toMatchObject({ guid: "g-1" });
    } finally {
      globalThis.fetch = fetch;
    }
    expect(tries).toBe(2);
  });

  test("that fails five times is left alone for half a minute, then asked by one", async () => {
    let answer = json({}, 500);
    const { ask, asked, clock, directory } = serve(() => answer());
    for (let i = 0; i < 5; i++) await ask();
    answer = json(jane);
    expect(await ask()).toBe("directory_unavailable");
    expect(asked).toHaveLength(5);
    const refusal = await directory.authenticate(credentials).catch((error: StoaError) => error);
    expect(refusal).toMatchObject({ status: 502, headers: { "retry-after": expect.stringMatching(/^(29|30)$/) } });
    clock.ahead = 30_000;
    expect(await Promise.all([ask(), ask()])).toContainEqual(expect.objectContaining({ guid: "g-1" }));
    expect(asked).toHaveLength(6);
    expect(await ask()).toMatchObject({ guid: "g-1" });
  });

  test("that refuses passwords and accounts is not down", async () => {
    const { ask, asked } = serve(json({}, 401));
    for (let i = 0; i < 7; i++) expect(await ask()).toBe("invalid_credentials");
    expect(asked).toHaveLength(7);
  });
});

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
