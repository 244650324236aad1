import { describe, expect, test } from "bun:test";
import { interpolate, readCompose } from "./compose-file.ts";
import { root } from "./local-service.ts";
import { LocalPorts, leftOut, replacePaths } from "./substitutes.ts";

describe("docker-compose.yml", async () => {
  const text = await Bun.file(`${root}/docker-compose.yml`).text();
  const file = readCompose(text);
  const secrets = ["SECRET_KEY", "FIRST_SUPERUSER_PASSWORD", "IDENTITY_NATS_PASSWORD"];

  test.each(secrets)("has no default for %s", (name) => {
    expect(text).toContain(`\${${name}:?`);
    expect(text).not.toContain(`\${${name}:-`);
  });

  test("no two services have the same SECRET_KEY, because identity's derives refresh tokens and decrypts signing keys", () => {
    const named = [...text.matchAll(/^ +SECRET_KEY: \$\{(\w+):\?/gm)].map(([, name]) => name);
    expect(named).toEqual(["SECRET_KEY", "PROJECTS_SECRET_KEY", "MESSAGING_SECRET_KEY"]);
  });

  test("every image is pinned to a release", () => {
    for (const { name, image } of file) expect(`${name} ${image}`).toMatch(/:v?\d+\.\d+\.\d+/);
  });

  test("every process that keeps running has a health check, and the services wait for the migrations", () => {
    for (const { name, health } of file)
      expect([name, health !== null]).toEqual([name, !["cli", "durable", "migrate", "site"].includes(name)]);
    for (const name of ["identity", "projects", "messaging"]) {
      expect(file.find((each) => each.name === name)?.dependsOn.migrate).toBe("service_completed_successfully");
    }
  });

  test("NATS syncs every message", async () => {
    expect(await Bun.file(`${root}/deploy/nats/nats.conf`).text()).toContain("include ./durable.conf");
    expect(await Bun.file(`${root}/deploy/nats/durable.conf`).text()).toContain("sync_interval: always");
    expect(Object.keys(leftOut)).toEqual(["deploy/nats/durable.conf"]);
  });

  test("a file that the reader does not fully understand is refused", () => {
    const health = (check: string) => readCompose(`services: { a: { healthcheck: ${check} } }`);
    expect(() => health("{ test: [CMD-SHELL, x], interval: 1s, timeout: 1s, retries: 1 }")).toThrow("begin with CMD");
    expect(() => health("{ test: [CMD, x], interval: 1m, timeout: 1s, retries: 1 }")).toThrow("whole seconds");
  });
});

describe("variables", () => {
  test("are replaced by their value or their default; an empty one counts as not set", () => {
    const env = { A: "1", E: "" };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how docker compose writes variables.
    expect(interpolate("${A} ${A:-2} ${B:-2} ${E:-3} ${B:-}${A:?why}", env)).toBe("1 1 2 3 1");
  });

  test("that are required and not set are an error", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how docker compose writes variables.
    expect(() => interpolate("${KEY:?run the script}", { KEY: "" })).toThrow("KEY must be set: run the script.");
  });
});

describe("substitution", () => {
  const ports = new LocalPorts(
    new Map([
      ["nats", ["nats"]],
      ["projects", ["projects", "projects-2"]],
      ["projects-db", ["projects-db"]],
    ]),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  const at = (instance: string, port: number) => `127.0.0.1:${ports.of(instance, port)}`;

  test("each instance and port has one local port", () => {
    expect(at("nats", 4222)).toBe(at("nats", 4222));
    expect(new Set([at("nats", 4222), at("nats", 8222), at("projects", 4222)]).size).toBe(3);
  });

  test("it is an error when no local port is left", () => {
    const none = new LocalPorts(new Map(), []);
    expect(() => none.of("nats", 4222)).toThrow("There is no port left for nats:4222.");
  });

  test("replaces host:port of other services and of the process itself", () => {
    expect(ports.replace("nats://u:p@nats:4222", "x")).toBe(`nats://u:p@${at("nats", 4222)}`);
    expect(ports.replace("http://projects-db:8080", "x")).toBe(`http://localhost:${ports.of("projects-db", 8080)}`);
    expect(ports.replace("listen: 0.0.0.0:4222", "nats")).toBe(`listen: ${at("nats", 4222)}`);
    expect(ports.replace("http://:8080", "nats")).toBe(`http://${at("nats", 8080)}`);
  });

  test("replaces a service by all its replicas", () => {
    expect(ports.replace("projects:4002", "gateway")).toBe(`${at("projects", 4002)} ${at("projects-2", 4002)}`);
  });

  test("changes nothing else", () => {
    for (const text of ["172.30.77.0/24", "mynats:4222", "12:30", "127.0.0.1/32", "projects", "urn:a:80"]) {
      expect(ports.replace(text, "nats")).toBe(text);
    }
  });

  test("replaces paths of volumes and below them, but not paths that only begin the same", () => {
    const paths = new Map([["/data", "/tmp/volume"]]);
    expect(replacePaths("store_dir: /data; /data/x /database /srv/data", paths)).toBe(
      "store_dir: /tmp/volume; /tmp/volume/x /database /srv/data",
    );
  });
});
