import { expect, test } from "bun:test";
import { eventually } from "./eventually.ts";

test("it returns what the condition returned once it holds", async () => {
  let looks = 0;
  expect(await eventually(() => (++looks === 3 ? { looks } : null))).toEqual({ looks: 3 });
});

test("an error counts as a condition that does not hold yet", async () => {
  let looks = 0;
  const condition = async () => {
    if (++looks < 3) throw new Error("too early");
    return "late";
  };
  expect(await eventually(condition)).toBe("late");
});

test("zero and the empty string hold; false, null and undefined do not", async () => {
  expect(await eventually(() => 0)).toBe(0);
  expect(await eventually(() => "")).toBe("");
  await expect(eventually(() => false, { within: 20 })).rejects.toThrow("did not hold within 20 ms: it was false");
  await expect(eventually(() => undefined, { within: 5 })).rejects.toThrow("it was undefined");
});

test("checks are counted instead of a time that would depend on how busy the machine is", async () => {
  let looks = 0;
  await expect(eventually(() => ++looks > 3, { looks: 3, what: "The fourth" })).rejects.toThrow(
    "The fourth did not hold within 3 looks: it was false",
  );
  expect(looks).toBe(3);
  expect(await eventually(() => ++looks === 6, { looks: 3 })).toBe(true);
});

test("the error says what was awaited and why it did not hold", async () => {
  const refusal = eventually(() => Promise.reject(new Error("3 of 5")), { within: 20, what: "The conversation" });
  await expect(refusal).rejects.toThrow("The conversation did not hold within 20 ms: 3 of 5");
});
