import { expect, spyOn, test } from "bun:test";
import { BusyRetries } from "./busy-retries.ts";
import { DatabaseError, toDatabaseError } from "./errors.ts";

const busy = () => toDatabaseError(Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" }));

test("what works at once is answered at once", () => {
  const retries = new BusyRetries();
  expect(retries.run(() => 7)).toBe(7);
  expect(retries.count).toBe(0);
});

test("a lock is tried again from its beginning, and counted, until it is free", async () => {
  const retries = new BusyRetries();
  let tries = 0;
  const work = () => {
    if (++tries <= 3) throw busy();
    return tries;
  };
  expect(await retries.run(work)).toBe(4);
  expect(retries.count).toBe(3);
});

test("a lock is waited for a second, and no longer", async () => {
  let now = 0;
  const clock = spyOn(performance, "now").mockImplementation(() => now);
  const began: number[] = [];
  const retries = new BusyRetries();
  const work = () => {
    began.push(now);
    now += 300;
    throw busy();
  };
  try {
    await expect(Promise.resolve(retries.run(work))).rejects.toMatchObject({ failure: "unavailable" });
  } finally {
    clock.mockRestore();
  }
  // A second from the first refusal, which came at 300.
  expect(began).toEqual([0, 300, 600, 900, 1_200]);
  expect(retries.count).toBe(4);
});

test("a lock that stays is told as it is", async () => {
  const retries = new BusyRetries(30);
  const never = async () =>
    retries.run(() => {
      throw busy();
    });
  await expect(never()).rejects.toMatchObject({ name: "DatabaseError", failure: "unavailable" });
  expect(retries.count).toBeGreaterThan(0);
});

test.each([new DatabaseError("constraint", new Error("no")), new DatabaseError("unavailable", new Error("full"))])(
  "anything else is not tried again (%#)",
  (error) => {
    const retries = new BusyRetries();
    expect(() =>
      retries.run(() => {
        throw error;
      }),
    ).toThrow(error);
    expect(retries.count).toBe(0);
  },
);

test("work that answers later is begun again too", async () => {
  const retries = new BusyRetries();
  let tries = 0;
  const work = async () => {
    if (++tries <= 3) throw busy();
    return "done";
  };
  expect(await retries.runLater(work)).toBe("done");
  expect(retries.count).toBe(3);
  await expect(retries.runLater(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});
