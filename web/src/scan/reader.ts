import { trustedUrl } from '../trusted';
import address from './worker?worker&url';

interface Detector {
    detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> };

/** Reads codes out of pictures: the browser itself where it can, else zxing in a worker. One picture at a time. */
export class Reader {
    private detector: Detector | undefined;
    private worker: Worker | undefined;
    private readonly canvas = document.createElement('canvas');
    /** What is being read: a photo and the camera's next picture can come at once. */
    private before: Promise<unknown> = Promise.resolve();

    private async prepare(): Promise<void> {
        if (this.detector !== undefined || this.worker !== undefined) return;
        const native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
        if (native !== undefined && (await native.getSupportedFormats()).includes('qr_code')) {
            this.detector = new native({ formats: ['qr_code'] });
        } else {
            this.worker = new Worker(trustedUrl(address) as unknown as string, { type: 'module', name: 'scanner' });
        }
    }

    read(source: CanvasImageSource, width: number, height: number): Promise<string | null> {
        const found = this.before.then(() => this.readNow(source, width, height));
        this.before = found.catch(() => undefined);
        return found;
    }

    private async readNow(source: CanvasImageSource, width: number, height: number): Promise<string | null> {
        await this.prepare();
        if (this.detector !== undefined) return (await this.detector.detect(source))[0]?.rawValue ?? null;
        const scale = Math.min(1, 960 / Math.max(width, height));
        this.canvas.width = Math.round(width * scale);
        this.canvas.height = Math.round(height * scale);
        const context = this.canvas.getContext('2d', { willReadFrequently: true });
        if (context === null || this.canvas.width === 0) return null;
        context.drawImage(source, 0, 0, this.canvas.width, this.canvas.height);
        const pixels = context.getImageData(0, 0, this.canvas.width, this.canvas.height);
        return new Promise((resolve) => {
            const { worker } = this;
            if (worker === undefined) return resolve(null);
            worker.onmessage = (event: MessageEvent<string | null>) => resolve(event.data);
            worker.onerror = () => resolve(null);
            worker.postMessage(pixels, [pixels.data.buffer]);
        });
    }

    close(): void {
        this.worker?.terminate();
    }
}
