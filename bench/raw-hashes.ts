/**
 * Verifies one password again and again with identity's parameters, so many at a time: `bun bench/raw-hashes.ts <width>
 * <seconds>` prints as JSON how many it verified in a second, and the CPU time of each in milliseconds.
 */
const [width = 1, seconds = 1] = process.argv.slice(2).map(Number);
const password = "ada keeps 7 herons by the weir";
const hash = await Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 });
await Bun.password.verify(password, hash);

let count = 0;
const before = process.cpuUsage();
const began = performance.now();
const until = began + seconds * 1_000;
const worker = async () => {
  while (performance.now() < until) {
    if (!(await Bun.password.verify(password, hash))) throw new Error("The password does not match its hash.");
    count++;
  }
};
await Promise.all(Array.from({ length: width }, worker));
const per_second = (count * 1_000) / (performance.now() - began);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ per_second, cpu_ms: (user + system) / 1_000 / count }));
