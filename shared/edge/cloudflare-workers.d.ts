// Declares what we use of workerd at module scope. Cloudflare's own types would replace those of Bun.
declare module "cloudflare:workers" {
  /** Variables and secrets of the Worker. */
  export const env: Readonly<Record<string, string | undefined>>;
}
