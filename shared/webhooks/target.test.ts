import { describe, expect, test } from "bun:test";
import { hostOf, isPublic, mayReach, type TargetPolicy, targetFault } from "./target.ts";

const open: TargetPolicy = { allowed: [], https_only: false };
const strict: TargetPolicy = { allowed: [], https_only: true };

describe("addresses", () => {
  test.each([
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    "nonsense",
    "",
  ])("%s is not to be reached", (address) => {
    expect(isPublic(address)).toBe(false);
  });

  test.each([
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:1.1.1.1",
  ])("%s is anybody's", (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe("URLs", () => {
  test.each([
    "http://127.0.0.1/x",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://[::1]:8080/",
    "http://[::ffff:10.0.0.1]/",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://api.localhost/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "https://user:pass@example.com/",
    "https://user@example.com/",
    "javascript:alert(1)",
    "//example.com",
    "example.com",
    "",
    "http://",
  ])("%s is refused", (url) => {
    expect(targetFault(open, url)).toBeString();
  });

  test("with https demanded, http: is refused, and taken where hosts are allowed", () => {
    expect(targetFault(strict, "http://example.com/")).toBe("This must be an https: URL.");
    expect(targetFault(strict, "https://example.com/")).toBeUndefined();
    expect(targetFault(open, "http://example.com:8080/a?b=c")).toBeUndefined();
    const allowed = { ...strict, allowed: ["hooks.internal", "10.0.0.0/8"] };
    expect(targetFault(allowed, "http://hooks.internal/")).toBeUndefined();
    expect(targetFault(allowed, "http://10.1.2.3/")).toBeUndefined();
    expect(targetFault(allowed, "http://192.168.0.1/")).toBeString();
    expect(targetFault(allowed, "http://evil.hooks.internal/")).toBeString();
  });
});

test("an allowed name may stand for private addresses, and an allowed network for those in it; others stay refused", () => {
  const policy = { allowed: ["hooks.internal", "10.0.0.0/8", "fd00::/8", "192.168.7.7"], https_only: false };
  expect(mayReach(policy, "hooks.internal", "192.168.1.1")).toBe(true);
  expect(mayReach(policy, "other.example", "10.2.3.4")).toBe(true);
  expect(mayReach(policy, "other.example", "::ffff:10.2.3.4")).toBe(true);
  expect(mayReach(policy, "other.example", "fd00::1")).toBe(true);
  expect(mayReach(policy, "other.example", "192.168.7.7")).toBe(true);
  expect(mayReach(policy, "other.example", "192.168.7.8")).toBe(false);
  expect(mayReach(policy, "other.example", "1.1.1.1")).toBe(true);
});

test("a host is compared without brackets, capitals and the dot at the end", () => {
  expect(hostOf(new URL("http://[2606:4700::1111]/"))).toBe("2606:4700::1111");
  expect(hostOf(new URL("http://Hooks.Example./"))).toBe("hooks.example");
});
