import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createVerifier } from "@stoa/auth";
import { type Doing, type Problem, type Sending, send, stageOf, standIn, temporaryDatabase } from "@stoa/testing";
import { createApp } from "../app.ts";
import type { Deps } from "../deps.ts";
import { publishedKeys } from "../keys/published.ts";
import { storedRevocations } from "../sessions/stored-revocations.ts";
import { type TestIdentity, testIdentity } from "./harness.ts";

/** A request of a scene. */
export interface Asked extends Sending {
  readonly method: string;
  readonly path: string;
}

/** Sets a scene up, and says by name what is asked in it, or done otherwise. */
export type Scene<Name extends string> = (identity: TestIdentity) => Promise<Readonly<Record<Name, Asked | Doing>>>;

/** Requests, each with those that come between its steps. */
export type Rivals<Name extends string> = Readonly<Partial<Record<Name, readonly Name[]>>>;

type Settings = NonNullable<Parameters<typeof testIdentity>[0]>;

/**
 * Tests of requests of a scene: whichever whole request comes before any step of another, both end as if one had come after
 * the other. So a rule that holds for one after the other holds for both at once.
 *
 * @example eitherOrder("members", scene, { remove: ["promote", "leave"] });
 */
export function eitherOrder<Name extends string>(
  title: string,
  scene: Scene<Name>,
  rivals: Rivals<NoInfer<Name>>,
  settings: Settings = {},
): void {
  describe(title, () => {
    let set: SetScene<Name>;
    beforeAll(async () => {
      set = await setScene(scene, settings);
    });
    afterAll(() => set[Symbol.asyncDispose]());

    const commands = Object.keys(rivals) as Name[];
    const pairs = commands.flatMap((command) => (rivals[command] ?? []).map((rival) => [command, rival] as const));
    test.each(pairs)("%s, with %s before any of its steps", async (command, rival) => {
      expect(await set.eitherOrder(command, rival)).toEqual([]);
    });
  });
}

/** A scene whose requests are tried against one another. */
interface SetScene<Name extends string> extends AsyncDisposable {
  readonly names: readonly Name[];
  eitherOrder(command: Name, rival: Name): Promise<string[]>;
}

/** Sets a scene up once: every round begins with a copy of its database, and the same time. */
export async function setScene<Name extends string>(scene: Scene<Name>, settings: Settings): Promise<SetScene<Name>> {
  const stored = await temporaryDatabase("identity", { inFile: true });
  const identity = await testIdentity({ ...settings, stored });
  const asked = await scene(identity);
  identity.freeze(Date.now() + 1_000);
  const stage = await stageOf(stored);
  const [command, rival] = [player(identity.deps), player(identity.deps)];
  return {
    names: Object.keys(asked) as Name[],
    eitherOrder: async (one, other) => strayed(await stage.eitherOrder(command(asked[one]), rival(asked[other]))),
    async [Symbol.asyncDispose]() {
      stage[Symbol.dispose]();
      await identity[Symbol.asyncDispose]();
    },
  };
}

/** An app on whatever database each request is given. It remembers nothing beside that, not even what was revoked. */
function player(deps: Deps): (asked: Asked | Doing) => Doing {
  const { db, use } = standIn(deps.db);
  const { issuer, audience, now } = deps;
  const keys = () => publishedKeys(deps.db, now());
  const { verify } = createVerifier({ keys, issuer, audience, revocations: storedRevocations(db), now });
  const app = createApp({ ...deps, db, revoke: () => undefined, http: { ...deps.http, verify } });
  return (asked) => {
    if (typeof asked === "function") return asked;
    const { method, path, ...sending } = asked;
    return async (its) => {
      use(its);
      const { status, body } = await send<Problem | null>(app, method, `/api/v1${path}`, sending);
      return status < 400 ? status : `${status} ${body?.error_code}`;
    };
  };
}

/**
 * What differs beside what may. A request whose token or rights were looked at before they went is refused for another reason,
 * or finds nothing left to do; and a proof that is judged before its request is refused may be counted as a failure.
 */
function strayed(strays: readonly string[]): string[] {
  const steps = Map.groupBy(strays, (line) => /^step \d+ /.exec(line)?.[0]);
  return [...steps.values()].flatMap((lines) => {
    const left = lines.filter((line) => !/^step \d+ [+-] login_(attempts|throttles): /.test(line));
    const gone = left.some((line) => /- command: "(401 session_revoked|403 forbidden)"$/.test(line));
    return gone && left.every((line) => / command: (?!"5)/.test(line)) ? [] : left;
  });
}
