import ipaddr from "ipaddr.js";

/** Reads a client's address from the peer of its connection and `X-Forwarded-For`. */
export type AddressReader = (peer: string | undefined, forwarded: string | null) => string | undefined;

type Address = ReturnType<typeof ipaddr.parse>;

/**
 * Reads a client's address. `X-Forwarded-For` is believed only from trusted proxies, from right to left, up to the
 * first address that is none of them: what stands left of it anyone may have written.
 *
 * @param trusted proxies as CIDR, or single addresses
 * @throws RangeError for what is neither.
 */
export function addressReader(trusted: readonly string[]): AddressReader {
  const blocks = trusted.map(blockOf);
  const isTrusted = (text: string) => {
    const address = parse(text);
    return (
      address !== undefined && blocks.some(([net, bits]) => net.kind() === address.kind() && address.match(net, bits))
    );
  };
  return (peer, forwarded) => {
    const direct = peer === undefined ? undefined : plain(peer);
    if (blocks.length === 0 || forwarded === null || direct === undefined || !isTrusted(direct)) return direct;
    let client = direct;
    for (const hop of forwarded.split(",").reverse()) {
      const address = plain(withoutPort(hop.trim()));
      if (!parse(address)) break;
      client = address;
      if (!isTrusted(address)) break;
    }
    return client;
  };
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 one, which is what one subscriber has. */
export function limitKey(text: string | undefined): string {
  if (text === undefined) return "unknown";
  if (!text.includes(":")) return text;
  const address = parse(text);
  if (!address) return text;
  return address.kind() === "ipv4" ? address.toString() : Uint8Array.from(address.toByteArray().slice(0, 8)).toHex();
}

function blockOf(cidr: string): readonly [Address, number] {
  const [text = "", length] = cidr.trim().split("/");
  const address = parse(text);
  const most = address?.kind() === "ipv4" ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  if (!address || !Number.isInteger(bits) || bits < 0 || bits > most) {
    throw new RangeError(`Not a block of addresses: ${cidr}`);
  }
  return [address, bits];
}

/** An IPv4 address that is written as an IPv6 one (RFC 4291, section 2.5.5.2) as itself; no zone. */
function plain(text: string): string {
  if (!text.includes(":")) return text;
  const address = parse(text);
  return address?.kind() === "ipv4" ? address.toString() : text.replace(/%.*$/, "");
}

function withoutPort(hop: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** Undefined for what is no address. IPv4 has four decimal parts: `127.1` and `0177.0.0.1` mean other things elsewhere. */
function parse(text: string): Address | undefined {
  if (text.includes(":")) return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
}
