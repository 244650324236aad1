import { describe, expect, test } from "bun:test";
import { type ErrorCode, StoaError } from "@stoa/errors";
import { websocket } from "elysia/ws";
import { controller, type HttpDeps, operation } from "./index.ts";
import { harness } from "./test/harness.ts";

/** As Workers have it for redirects and for what they fetched. */
function withImmutableHeaders(response: Response): Response {
  const { headers } = response;
  const immutable = new Proxy(headers, {
    get(target, name) {
      if (name === "set") {
        return () => {
          throw new TypeError("Can't modify immutable headers.");
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  Object.defineProperty(response, "headers", { value: immutable });
  return response;
}

const routes = (http: HttpDeps) => [
  controller(http)
    .get(
      "/fetched",
      () => withImmutableHeaders(new Response("text", { status: 203 })),
      operation({ id: "test.fetched", access: "anyone", summary: "Fetched" }),
    )
    .get(
      "/policy",
      ({ set }) => {
        set.headers["content-security-policy"] = "default-src 'none'";
        return { ok: true };
      },
      operation({ id: "test.itsOwnPolicy", access: "anyone", summary: "Its own policy" }),
    ),
];

describe("the end of a request", () => {
  test("an answer whose headers are immutable is copied", async () => {
    const answer = await harness(routes).call("GET", "/fetched", { headers: { "x-request-id": "r" } });
    expect([answer.status, answer.text, answer.headers.get("x-request-id")]).toEqual([203, "text", "r"]);
    expect(answer.headers.get("x-frame-options")).toBe("DENY");
  });
  test("a stream is not read to answer HEAD", async () => {
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (stream) => stream.enqueue("x"),
      cancel: () => {
        cancelled = true;
      },
    });
    const streams = (http: HttpDeps) => [
      controller(http).get(
        "/stream",
        () => new Response(endless),
        operation({ id: "test.stream", access: "anyone", summary: "Stream" }),
      ),
    ];
    const answer = await harness(streams).call("HEAD", "/stream");
    expect([answer.status, answer.text, cancelled]).toEqual([200, "", true]);
  });
  test("HEAD says the length that GET has, and never 0 for what has a body", async () => {
    const page = () => new Response("<p>é</p>", { headers: { "content-type": "text/html; charset=utf-8" } });
    const stream = () => new Response(new ReadableStream({ pull: (to) => to.enqueue("x") }));
    const open = { id: "test.open", access: "anyone" } as const;
    const { app } = harness((http) => [
      controller(http)
        .get("/page", page, operation({ ...open, summary: "Page" }))
        .get("/stream", stream, operation({ ...open, summary: "Stream" }))
        .get("/nothing", () => undefined, operation({ ...open, summary: "Nothing", answer: null })),
    ]);
    await using server = Bun.serve({ port: 0, fetch: (request: Request) => app.fetch(request) });
    const lengthOf = async (path: string, method = "HEAD") =>
      (await fetch(new URL(path, server.url), { method })).headers.get("content-length");
    expect([await lengthOf("/page"), await lengthOf("/stream"), await lengthOf("/nothing")]).toEqual(["9", null, null]);
    expect(await lengthOf("/page", "GET")).toBe("9");
  });
  test("a response's own Vary stands beside that of CORS", async () => {
    const negotiated = (http: HttpDeps) => [
      controller(http).get(
        "/page",
        () => new Response("x", { headers: { vary: "Accept" } }),
        operation({ id: "test.page", access: "anyone", summary: "Page" }),
      ),
    ];
    const answer = await harness(negotiated).call("GET", "/page", { headers: { origin: "https://app.example.com" } });
    expect(answer.headers.get("vary")).toBe("Accept, Origin");
  });
  test("an answer to somebody, and every refusal, is kept for nobody else; what says how long it is good, or is a secret, stands", async () => {
    const kept = async (access: "anyone" | "user", as: string | undefined, own?: string, secret = false) => {
      const route = (http: HttpDeps) => [
        controller(http)
          .get(
            "/set",
            ({ set }) => {
              if (own !== undefined) set.headers["cache-control"] = own;
              return { ok: true };
            },
            operation({ id: "test.set", access, secret, summary: "Set" }),
          )
          .get(
            "/response",
            () => new Response("x", own === undefined ? {} : { headers: { "cache-control": own } }),
            operation({ id: "test.response", access, secret, summary: "Response" }),
          ),
      ];
      const { call } = harness(route);
      const who = as === undefined ? {} : { as };
      const answers = [await call("GET", "/set", who), await call("HEAD", "/response", who)];
      return answers.map(({ headers }) => headers.get("cache-control"));
    };
    const twice = (value: string | null) => [value, value];
    expect(await kept("user", "ann")).toEqual(twice("private, no-cache"));
    expect(await kept("user", undefined)).toEqual(twice("private, no-cache"));
    expect(await kept("user", "ann", "no-store")).toEqual(twice("no-store"));
    expect(await kept("anyone", "ann", undefined, true)).toEqual(twice("no-store"));
    expect(await kept("anyone", "ann")).toEqual(twice("private, no-cache"));
    expect(await kept("anyone", undefined)).toEqual(twice(null));
    expect((await harness(() => []).call("GET", "/unknown")).headers.get("cache-control")).toBe("private, no-cache");
    expect(await kept("anyone", undefined, "max-age=300")).toEqual(twice("max-age=300"));
  });
  test("a route's own policy stands", async () => {
    const answer = await harness(routes).call("GET", "/policy");
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'");
  });
  test("a socket is authenticated like any request, and its principal reaches it; it has one log line, of status 101", async () => {
    const { app, lines } = harness((http) => [
      controller(http).ws("/ws", {
        ...operation({ id: "test.socket", access: "user", summary: "Socket" }),
        open: (ws) => void ws.send(`hello ${ws.data.actor.username}`),
      }),
    ]);
    const server = Bun.serve({
      port: 0,
      websocket: websocket as Bun.WebSocketHandler<undefined>,
      fetch: (request: Request) => app.fetch(request),
    });
    app.server = server;
    try {
      const url = `ws://localhost:${server.port}/ws`;
      expect(await firstOf(new WebSocket(url, { headers: { authorization: "Bearer ann" } }))).toBe("hello ann");
      expect(await firstOf(new WebSocket(url))).toBe("refused");
      expect(lines.map(({ fields }) => fields["status"])).toEqual([101, 401]);
    } finally {
      await server.stop(true);
    }
  });
});

function firstOf(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      socket.close();
      resolve(String(data));
    };
    socket.onerror = () => resolve("refused");
  });
}

describe("the log line of a refusal", () => {
  const failing = (code: ErrorCode) => (http: HttpDeps) => [
    controller(http).get(
      "/failing",
      () => {
        throw new StoaError(code);
      },
      operation({ id: "test.failing", access: "anyone", summary: "Failing" }),
    ),
  ];

  test.each([
    ["unavailable", "error", true],
    ["not_implemented", "info", false],
    ["not_configured", "info", false],
    ["not_found", "info", false],
  ] as const)("%s is %s, for whoever runs Stoa can mend only the first by its log", async (code, level, described) => {
    const h = harness(failing(code));
    await h.call("GET", "/failing");
    const line = h.lines.find(({ message }) => message === "request");
    expect([line?.level, line?.fields["error_code"]]).toEqual([level, code]);
    expect(line?.fields["err"] !== undefined).toBe(described);
  });
});
