/** A picture that a stylesheet carries in a `data:` URL, as a file. */
export interface Picture {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Takes the `data:` pictures out of a stylesheet, because a strict policy refuses them, and names the files that
 * take their place.
 *
 * @param prefix of the files' names
 */
export function extractPictures(css: string, prefix: string): { css: string; pictures: Map<string, Picture> } {
  const pictures = new Map<string, Picture>();
  const names = new Map<string, string>();
  const replaced = css.replace(/url\((?:"(data:(?:[^"\\]|\\.)*)"|(data:[^)]*))\)/g, (_match, quoted, bare) => {
    const address = String(quoted ?? bare).replace(/\\(.)/g, "$1");
    const name = names.get(address) ?? `${prefix}${names.size + 1}${suffixOf(address)}`;
    if (!names.has(address)) {
      names.set(address, name);
      pictures.set(name, decode(address));
    }
    return `url(${name})`;
  });
  return { css: replaced, pictures };
}

function suffixOf(address: string): string {
  return /^data:image\/([a-z]+)/.exec(address)?.[1]?.replace(/^/, ".") ?? "";
}

/** Source: RFC 2397, section 3. */
function decode(address: string): Picture {
  const comma = address.indexOf(",");
  const [type = "", ...parameters] = address.slice("data:".length, comma).split(";");
  const data = address.slice(comma + 1);
  const body = parameters.includes("base64")
    ? Uint8Array.fromBase64(data)
    : new TextEncoder().encode(decodeURIComponent(data));
  return { type, body };
}
