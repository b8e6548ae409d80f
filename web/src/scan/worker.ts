/// <reference lib="webworker" />
/** Reads QR codes where the browser cannot. */
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

const scope = self as unknown as DedicatedWorkerGlobalScope;
prepareZXingModule({ overrides: { locateFile: () => wasm } });

scope.onmessage = async (event: MessageEvent<ImageData>) => {
    try {
        const found = await readBarcodes(event.data, { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 1 });
        scope.postMessage(found.find((code) => code.isValid)?.text ?? null);
    } catch (error) {
        scope.postMessage(null);
        throw error;
    }
};
