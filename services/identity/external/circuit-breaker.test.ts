import { expect, test } from "bun:test";
import { circuitBreaker } from "./circuit-breaker.ts";

class Down extends Error {}

/** A circuit with a clock to move. */
function testCircuit() {
  const clock = { ms: 0 };
  const circuit = circuitBreaker({
    now: () => new Date(clock.ms),
    isFailure: (error) => error instanceof Down,
    refusal: (seconds) => new Error(`refused for ${seconds} s`),
    failures: 3,
    open_ms: 10_000,
  });
  const outcome = (work: () => Promise<string>) => circuit.run(work).catch((error: Error) => error.message);
  const works = () => outcome(async () => "works");
  const fails = () => outcome(() => Promise.reject(new Down("down")));
  const refused = () => outcome(() => Promise.reject(new Error("wrong password")));
  return { clock, outcome, works, fails, refused };
}

test("opens after failures in a row, refuses at once, and says how long", async () => {
  const { clock, works, fails } = testCircuit();
  for (let i = 0; i < 3; i++) expect(await fails()).toBe("down");
  expect(await works()).toBe("refused for 10 s");
  clock.ms = 9_001;
  expect(await works()).toBe("refused for 1 s");
});

test("a success or another error between failures starts the count anew", async () => {
  const { works, fails, refused } = testCircuit();
  for (const between of [works, refused, works]) {
    await fails();
    await fails();
    await between();
  }
  expect(await works()).toBe("works");
});

test("half-open, one call goes through; its success closes the circuit", async () => {
  const { clock, outcome, works, fails } = testCircuit();
  for (let i = 0; i < 3; i++) await fails();
  clock.ms = 10_000;
  const { promise, resolve } = Promise.withResolvers<string>();
  const probe = outcome(() => promise);
  expect(await works()).toBe("refused for 1 s");
  resolve("works");
  expect(await probe).toBe("works");
  expect(await works()).toBe("works");
  await fails();
  expect(await works()).toBe("works");
});

test("half-open, a failure opens it again for the whole time", async () => {
  const { clock, works, fails, refused } = testCircuit();
  for (let i = 0; i < 3; i++) await fails();
  clock.ms = 10_000;
  expect(await fails()).toBe("down");
  clock.ms = 19_999;
  expect(await works()).toBe("refused for 1 s");
  clock.ms = 20_000;
  expect(await refused()).toBe("wrong password");
  expect(await works()).toBe("works");
});

test("what was under way when it opened neither closes it nor keeps it open longer", async () => {
  const { clock, outcome, works, fails } = testCircuit();
  const [late, later] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const stragglers = [outcome(() => late.promise), outcome(() => later.promise)];
  for (let i = 0; i < 3; i++) await fails();
  clock.ms = 5_000;
  late.resolve("works");
  later.reject(new Down("down"));
  expect(await Promise.all(stragglers)).toEqual(["works", "down"]);
  expect(await works()).toBe("refused for 5 s");
  clock.ms = 10_000;
  expect(await works()).toBe("works");
});
