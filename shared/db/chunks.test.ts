import { expect, test } from "bun:test";
import { chunks } from "./chunks.ts";

test.each([
  [[], [2], []],
  [
    [1, 2, 3, 4],
    [2],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [[1, 2, 3], [2], [[1, 2], [3]]],
  [[1, 2], [5], [[1, 2]]],
  [
    [1, 2, 3, 4, 5, 6],
    [4, 1],
    [[1, 2, 3, 4], [5], [6]],
  ],
  [
    [1, 2, 3],
    [2, 2],
    [[1, 2], [3]],
  ],
] as const)("%j in chunks of %j is %j", (items, sizes, expected) => {
  const [first, ...others] = sizes;
  expect(chunks<number>(items, first, ...others)).toEqual(expected.map((chunk) => [...chunk]));
});
