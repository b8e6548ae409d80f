/** A camera that sees another screen: the picture as an endless motion JPEG, which Chromium plays as a webcam. */
import { writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { ARGUMENTS, executablePath } from './phone.mjs';

const FRAMES = 30;

/** A browser that draws what cameras see. */
export async function openStudio() {
    const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
    const page = await browser.newPage({ viewport: { width: 640, height: 480 } });
    const film = async (content, file) => {
        await page.setContent(content);
        const frame = await page.screenshot({ type: 'jpeg', quality: 85 });
        await writeFile(file, Buffer.concat(Array.from({ length: FRAMES }, () => frame)));
    };
    return {
        browser,
        /** The camera sees a wall. */
        blank: (file) => film('<body style="background:#777"></body>', file),
        /** The camera of one phone sees the code on the screen of the other. */
        async pointAt(from, at) {
            await at.page.locator('.qr path').first().waitFor({ state: 'attached' });
            const picture = (await at.page.locator('.qr').first().screenshot()).toString('base64');
            await film(
                `<body style="margin:0;background:#8a8f88;display:grid;place-items:center;height:480px">` +
                    `<img style="height:430px;transform:rotate(2deg)" src="data:image/png;base64,${picture}"></body>`,
                from.camera,
            );
        },
        close: () => browser.close(),
    };
}
