/**
 * The wallet's entries in IndexedDB. An entry is *added* under its number: whoever else wrote that number before makes
 * the transaction fail, and then nothing of it is stored.
 */
const NAME = 'offpay';
const ENTRIES = 'entries';

function done<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('storage failed'));
    });
}

export class Journal {
    private constructor(
        private readonly database: IDBDatabase,
        private last: number,
    ) {}

    static async open(): Promise<{ journal: Journal; entries: string[] }> {
        const request = indexedDB.open(NAME, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(ENTRIES);
        const database = await done(request);
        const store = database.transaction(ENTRIES, 'readonly').objectStore(ENTRIES);
        const [keys, entries] = await Promise.all([
            done(store.getAllKeys()) as Promise<number[]>,
            done(store.getAll()) as Promise<string[]>,
        ]);
        return { journal: new Journal(database, keys.at(-1) ?? 0), entries };
    }

    /** All of them or none, and on the disk when this resolves. */
    async append(entries: readonly string[]): Promise<void> {
        const transaction = this.database.transaction(ENTRIES, 'readwrite', { durability: 'strict' });
        const complete = new Promise<void>((resolve, reject) => {
            transaction.oncomplete = () => resolve();
            transaction.onabort = () => reject(transaction.error ?? new Error('storage failed'));
            transaction.onerror = () => reject(transaction.error ?? new Error('storage failed'));
        });
        const store = transaction.objectStore(ENTRIES);
        let number = this.last;
        for (const entry of entries) store.add(entry, ++number);
        await complete;
        this.last = number;
    }

    close(): void {
        this.database.close();
    }
}
