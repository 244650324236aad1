import { describe, expect, test } from "bun:test";
import { addressReader, limitKey } from "./address.ts";

describe("the client's address", () => {
  const read = addressReader(["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.7"]);
  const cases: readonly [
    promise: string,
    peer: string | undefined,
    forwarded: string | null,
    client: string | undefined,
  ][] = [
    ["is the peer's", "198.51.100.1", null, "198.51.100.1"],
    ["is the peer's when the peer is no trusted proxy", "198.51.100.1", "203.0.113.9", "198.51.100.1"],
    ["is what a trusted proxy says", "10.1.2.3", "203.0.113.9", "203.0.113.9"],
    ["is the last that no trusted proxy wrote", "10.1.2.3", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"],
    ["is the first proxy's when all are trusted", "10.1.2.3", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["stops at what is no address", "10.1.2.3", "203.0.113.9, unknown", "10.1.2.3"],
    ["has no port", "10.1.2.3", "203.0.113.9:4711", "203.0.113.9"],
    ["has no brackets", "2001:db8:ffff::1", "[2001:db8::9]:443", "2001:db8::9"],
    ["sheds IPv6's clothes", "::ffff:198.51.100.1", null, "198.51.100.1"],
    ["sheds them in hexadecimal too", "::ffff:c633:6401", null, "198.51.100.1"],
    ["is that of a trusted proxy in IPv6's clothes", "::ffff:0a01:0203", "::ffff:cb00:7109", "203.0.113.9"],
    ["sheds a zone", "fe80::1%eth0", null, "fe80::1"],
    ["may be a single trusted address", "192.0.2.7", "203.0.113.9", "203.0.113.9"],
    ["is not of a neighbour of a trusted address", "192.0.2.8", "203.0.113.9", "192.0.2.8"],
    ["can be unknown", undefined, "203.0.113.9", undefined],
  ];
  for (const [promise, peer, forwarded, client] of cases) {
    test(promise, () => expect(read(peer, forwarded)).toBe(client));
  }
  test("a block that ends within a byte is read by its bits", () => {
    const narrow = addressReader(["172.16.0.0/12"]);
    expect(narrow("172.31.0.1", "1.2.3.4")).toBe("1.2.3.4");
    expect(narrow("172.32.0.1", "1.2.3.4")).toBe("172.32.0.1");
  });
  for (const bad of [
    "10.0.0.0/33",
    "10.0.0/8",
    "x",
    "::/129",
    "1::2::3",
    "10.0.0.0/x",
    "300.0.0.1",
    "1:2:3",
    "::1.2.3",
    "127.1",
    "010.0.0.0/8",
    "0x0a000000",
    "::ffff:10.0.0.0/104",
  ]) {
    test(`${bad} is no block of addresses`, () => expect(() => addressReader([bad])).toThrow(RangeError));
  }
});

describe("what limits count by", () => {
  test("is the address, or the /64", () => {
    expect(limitKey("192.0.2.1")).toBe("192.0.2.1");
    expect(limitKey("2001:db8::1")).toBe("20010db800000000");
    expect(limitKey("2001:db8:0:0:ffff::")).toBe("20010db800000000");
    expect(limitKey("64:ff9b::192.0.2.1")).toBe("0064ff9b00000000");
    expect(limitKey("::ffff:192.0.2.7")).toBe("192.0.2.7");
    expect(limitKey("::ffff:c000:0207")).toBe("192.0.2.7");
    expect(limitKey("::ffff:c000:0208")).toBe("192.0.2.8");
    expect(limitKey("fe80::1%eth0")).toBe("fe80000000000000");
    expect(limitKey("not:an:address")).toBe("not:an:address");
    expect(limitKey(undefined)).toBe("unknown");
  });
});
