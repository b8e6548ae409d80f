/** Pictures of every screen, light and dark, and what axe finds on it. */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const shots = join(web, 'shots');
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe found, of all stories. */
export const violations = [];

export async function shot({ page }, name) {
    await mkdir(shots, { recursive: true });
    for (const scheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.screenshot({ path: join(shots, `${name}-${scheme}.png`) });
        await page.evaluate(axe);
        const found = await page.evaluate(`(async () => {
            const { violations } = await axe.run(document, { resultTypes: ['violations'] });
            return violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.target.join(' ')).join(', '));
        })()`);
        violations.push(...found.map((each) => `${name} (${scheme}): ${each}`));
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
}
