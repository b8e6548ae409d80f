/** A camera that sees another screen: the picture as an endless motion JPEG, which Chromium plays as a webcam. */
import { writeFile } from 'node:fs/promises';

const FRAMES = 30;

export async function pointAt(page, helper, file) {
    const picture = (await page.locator('.qr').screenshot()).toString('base64');
    await helper.setViewportSize({ width: 640, height: 480 });
    await helper.setContent(
        `<body style="margin:0;background:#8a8f88;display:grid;place-items:center;height:480px">` +
            `<img style="height:430px;transform:rotate(2deg)" src="data:image/png;base64,${picture}"></body>`,
    );
    const frame = await helper.screenshot({ type: 'jpeg', quality: 85 });
    await writeFile(file, Buffer.concat(Array.from({ length: FRAMES }, () => frame)));
}

export async function blank(helper, file) {
    await helper.setViewportSize({ width: 640, height: 480 });
    await helper.setContent('<body style="background:#777"></body>');
    const frame = await helper.screenshot({ type: 'jpeg', quality: 60 });
    await writeFile(file, Buffer.concat(Array.from({ length: FRAMES }, () => frame)));
}
