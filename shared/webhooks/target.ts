import ipaddr from "ipaddr.js";

/** Which addresses events may be sent to. */
export interface TargetPolicy {
  /** Names of hosts whose addresses may be private, and networks (CIDR) of addresses that may. */
  readonly allowed: readonly string[];
  /** Whether only `https:` is taken, except for hosts that are allowed. */
  readonly https_only: boolean;
}

/** Longest URL that is taken. */
export const URL_MAX = 2_048;

/**
 * What is wrong with the URL of a receiver, in a sentence; undefined when nothing is, as far as that can be known without a
 * look at DNS. That look comes with each delivery ({@link isPublic}).
 */
export function targetFault(policy: TargetPolicy, text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") return "This must be an http: or https: URL.";
  if (url.username !== "" || url.password !== "") return "A URL with a user or password is not taken.";
  const host = hostOf(url);
  if (isAllowed(policy, host)) return undefined;
  if (policy.https_only && url.protocol !== "https:") return "This must be an https: URL.";
  const local = host === "localhost" || host.endsWith(".localhost");
  return local || (ipaddr.isValid(host) && !isPublic(host)) ? "Events are not sent to private addresses." : undefined;
}

/** The host of a URL as names and addresses are compared: without brackets and without the dot at the end. */
export function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
}

/** Whether events may go to an address that a host's name stands for. */
export function mayReach(policy: TargetPolicy, host: string, address: string): boolean {
  return isPublic(address) || isAllowed(policy, host) || isAllowed(policy, address);
}

function isAllowed({ allowed }: TargetPolicy, host: string): boolean {
  if (!ipaddr.isValid(host)) return allowed.includes(host);
  const address = ipaddr.process(host);
  return allowed.some((each) => {
    if (!each.includes("/")) return ipaddr.isValid(each) && ipaddr.process(each).toString() === address.toString();
    const [network, bits] = ipaddr.parseCIDR(each);
    return network.kind() === address.kind() && address.match(network, bits);
  });
}

/** Networks that ipaddr.js takes for public: what is for measurements, for relays, and a cloud's own service. */
const special = ["198.18.0.0/15", "192.88.99.0/24", "168.63.129.16/32"].map((cidr) => ipaddr.parseCIDR(cidr));

/**
 * Whether an address is anybody's on the Internet: not private, loopback, link-local (cloud metadata too), shared by a
 * carrier, multicast, reserved, nor an IPv4 address of these kinds inside an IPv6 one.
 */
export function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text) || text.includes("%")) return false;
  // What is mapped is judged as the IPv4 address that it stands for.
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return false;
  if (address.kind() === "ipv4") return !special.some((network) => address.match(network));
  // Of IPv6 only 2000::/3 has been given out (RFC 4291, section 2.4).
  return address.match(ipaddr.parseCIDR("2000::/3"));
}
