/**
 * HMAC-SHA-256 (RFC 2104), computed at once rather than by WebCrypto, whose pool password hashing keeps busy.
 *
 * @param key 32 bytes, derived from the service's secret
 */
export { hmacSha256 } from "#hmac";
