/**
 * A text as names and addresses are compared: in any case, normal form and width, without what nobody sees. SQL's `lower`
 * knows ASCII alone, so that it is made here and kept in a column.
 *
 * @example caseless("Élodie") === caseless("e\u0301LODIE")
 */
export function caseless(text: string): string {
  if (isPlain(text)) return text.toLowerCase();
  const seen = text.normalize("NFKC").replace(ignorable, "");
  // A capital sigma becomes one or the other small one, by where it stands.
  return seen.toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
}

/**
 * What an e-mail is unique by: one key for one mailbox. Its domain is in the form that the DNS has, since browsers send
 * that one (`<input type=email>`), and mail servers take every spelling for it.
 *
 * Source: Unicode Technical Standard #46, as the URL Standard has it.
 *
 * @example emailKey("Ana@MÜNCHEN.test") === emailKey("ana@xn--mnchen-3ya.test")
 */
export function emailKey(email: string): string {
  const at = email.lastIndexOf("@");
  return at < 0 ? caseless(email) : `${caseless(email.slice(0, at))}@${domainKey(email.slice(at + 1))}`;
}

/** How the key of an address can have a text that somebody looks for: as part of what stands before the @, or of a domain. */
export function partsOfKey(text: string): readonly string[] {
  return [...new Set([emailKey(text), ...(text.includes("@") ? [] : [domainKey(text)])])];
}

/** A domain that the DNS cannot have stays as it is, without case. */
function domainKey(domain: string): string {
  const text = domain.normalize("NFKC");
  if (isPlain(text) || noDomain.test(text)) return caseless(text);
  return URL.parse(`http://${text}`)?.hostname ?? caseless(text);
}

/** Whether all is ASCII: then the old keys, and SQL's `lower`, are right too. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** The same of a column, in words that the partial indexes repeat. */
export const notPlain = "glob '*[^ -~]*'";

const ignorable = /\p{Default_Ignorable_Code_Point}+/gu;
/** What would end the host of a URL, or has another meaning there. */
const noDomain = /[\s/?#%:\\@[\]]/;
