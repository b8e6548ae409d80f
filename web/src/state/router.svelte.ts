/** Hash routes: `#/payment/0x…`. They work from a file, a subfolder and offline alike. */
class Router {
    path = $state(read());

    constructor() {
        addEventListener('hashchange', () => {
            this.path = read();
            scrollTo(0, 0);
        });
    }

    get parts(): string[] {
        return this.path.split('/').filter((part) => part !== '');
    }

    get name(): string {
        return this.parts[0] ?? 'home';
    }

    get argument(): string | undefined {
        return this.parts[1];
    }

    go(path: string): void {
        location.hash = `#/${path}`;
    }

    /** Without leaving a step to come back to. */
    replace(path: string): void {
        history.replaceState(null, '', `#/${path}`);
        this.path = `/${path}`;
        scrollTo(0, 0);
    }

    back(to = 'home'): void {
        this.go(to);
    }
}

function read(): string {
    return location.hash.startsWith('#/') ? location.hash.slice(1) : '/';
}

export const router = new Router();
