// What workerd offers at module scope; the rest of Cloudflare's types would replace those of Bun.
declare module "cloudflare:workers" {
  /** Variables and secrets of the Worker. */
  export const env: Readonly<Record<string, string | undefined>>;
}
