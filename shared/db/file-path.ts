/**
 * The path that a `file:` address names: relative (`file:data/a.db`), absolute (`file:/a.db`, `file:///a.db`,
 * `file://localhost/a.db`), or `:memory:`. Percent escapes are decoded.
 *
 * @throws TypeError when the address names another host, or has a query or a fragment
 */
export function filePathOf(url: string): string {
  const match = /^file:(?:\/\/(?<host>[^/?#]*))?(?<path>[^?#]*)$/.exec(url);
  const { host = "", path = "" } = match?.groups ?? {};
  if (path === "" || (host !== "" && host !== "localhost")) {
    throw new TypeError("A file: address is a path on this machine, without a query or a fragment.");
  }
  // file:///C:/data has its path after the third slash.
  return decodeURIComponent(path).replace(/^\/(?=[A-Za-z]:)/, "");
}
