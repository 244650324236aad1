/**
 * Verifies one password again and again with identity's parameters, so many at a time: `bun bench/raw-hashes.ts <width>
 * <seconds>` prints how many it verified in a second.
 */
const [width = 1, seconds = 1] = process.argv.slice(2).map(Number);
const password = "ada keeps 7 herons by the weir";
const hash = await Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 });
await Bun.password.verify(password, hash);

let count = 0;
const began = performance.now();
const until = began + seconds * 1_000;
const worker = async () => {
  while (performance.now() < until) {
    if (!(await Bun.password.verify(password, hash))) throw new Error("The password does not match its hash.");
    count++;
  }
};
await Promise.all(Array.from({ length: width }, worker));
console.log((count * 1_000) / (performance.now() - began));
