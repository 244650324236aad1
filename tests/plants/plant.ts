import { join } from "node:path";
import { plugin } from "bun";

const root = join(import.meta.dir, "../..");

/**
 * Plants a fault in the process that preloads the caller: a source file runs with one text replaced by another.
 *
 * @param file a path from the repository's root
 * @throws Error in the process when the file no longer has the text
 */
export function plant(file: string, text: string, fault: string): void {
  const path = join(root, file);
  plugin({
    name: "planted fault",
    setup(build) {
      build.onLoad({ filter: new RegExp(`${RegExp.escape(path)}$`) }, async () => {
        const source = await Bun.file(path).text();
        if (!source.includes(text)) throw new Error(`${file} no longer has the text that the fault replaces.`);
        return { contents: source.replace(text, () => fault), loader: "ts" };
      });
    },
  });
}
