/** A block of addresses, as bytes: 4 of them for IPv4, 16 for IPv6. */
interface Block {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Who a request comes from. */
export type AddressReader = (peer: string | undefined, forwarded: string | null) => string | undefined;

/**
 * Reads a client's address. `X-Forwarded-For` is believed only from trusted proxies, from right to left, up to the
 * first address that is none of them: what stands left of it anyone may have written.
 *
 * @param trusted proxies as CIDR, or single addresses
 * @throws RangeError for what is neither.
 */
export function addressReader(trusted: readonly string[]): AddressReader {
  const blocks = trusted.map(blockOf);
  const isTrusted = (address: string) => {
    const bytes = bytesOf(address);
    return bytes !== undefined && blocks.some((block) => contains(block, bytes));
  };
  return (peer, forwarded) => {
    const direct = peer === undefined ? undefined : plain(peer);
    if (blocks.length === 0 || forwarded === null || direct === undefined || !isTrusted(direct)) return direct;
    let client = direct;
    for (const hop of forwarded.split(",").reverse()) {
      const address = plain(withoutPort(hop.trim()));
      if (!bytesOf(address)) break;
      client = address;
      if (!isTrusted(address)) break;
    }
    return client;
  };
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 one, which is what one subscriber has. */
export function limitKey(address: string | undefined): string {
  if (address === undefined) return "unknown";
  if (!address.includes(":")) return address;
  const bytes = bytesOf(address);
  if (!bytes) return address;
  return bytes
    .slice(0, 8)
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function blockOf(cidr: string): Block {
  const [address = "", length] = cidr.trim().split("/");
  const bytes = bytesOf(plain(address));
  const bits = length === undefined ? (bytes?.length ?? 0) * 8 : Number(length);
  if (!bytes || !Number.isInteger(bits) || bits < 0 || bits > bytes.length * 8) {
    throw new RangeError(`Not a block of addresses: ${cidr}`);
  }
  return { bytes, bits };
}

function contains({ bytes, bits }: Block, address: readonly number[]): boolean {
  if (bytes.length !== address.length) return false;
  for (let i = 0, left = bits; left > 0; i++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((bytes[i] ?? 0) & mask) !== ((address[i] ?? 0) & mask)) return false;
  }
  return true;
}

/** Without the IPv6 clothes of an IPv4 address, and without a zone. */
function plain(address: string): string {
  const bare = address.replace(/%.*$/, "");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

function withoutPort(hop: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop;
}

function bytesOf(address: string): number[] | undefined {
  return address.includes(":") ? bytesOf6(address) : bytesOf4(address);
}

function bytesOf4(address: string): number[] | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.map(Number);
}

function bytesOf6(address: string): number[] | undefined {
  const halves = address.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const groups = (parts: readonly string[]) =>
    parts.flatMap((part, i) => {
      if (part.includes(".") && i === parts.length - 1) return bytesOf4(part) ?? [Number.NaN];
      return /^[0-9a-f]{1,4}$/i.test(part)
        ? [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff]
        : [Number.NaN];
    });
  const left = groups(head ?? []);
  const right = groups(tail ?? []);
  const missing = 16 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  const bytes = [...left, ...Array<number>(halves.length === 2 ? missing : 0).fill(0), ...right];
  return bytes.some(Number.isNaN) ? undefined : bytes;
}
