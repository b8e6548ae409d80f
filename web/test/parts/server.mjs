/** The real server (`offpay run`) on a chain of its own, in a fresh folder. Nothing stands in for any of it. */
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const web = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const offpay = process.env.OFFPAY_BIN ?? join(web, '../target/debug/offpay');
/** A membership takes a week to count: the chain begins so long ago, and is brought to the present by `aWeekPasses`. */
const WEEK = 604_800;
const EARLIER = WEEK + 600;

const freePort = () =>
    new Promise((resolve, reject) => {
        const probe = createServer();
        probe.once('error', reject);
        probe.listen(0, '127.0.0.1', () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });

/** Asks until there is an answer. */
export async function eventually(what, ask, seconds = 60) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const answer = await ask().catch(() => undefined);
        if (answer) return answer;
        if (Date.now() > end) throw new Error(`not in ${seconds} seconds: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
}

/** Starts one. `settings` are of its configuration: `{ OFFPAY_WEB__CURRENCY: 'EUR' }`. */
export async function startServer(folder, settings = {}) {
    await mkdir(folder, { recursive: true });
    const data = join(folder, 'data');
    const port = await freePort();
    const log = await open(join(folder, 'server.log'), 'w');
    const server = spawn(
        offpay,
        ['run', '--data', data, '--listen', `127.0.0.1:${port}`, '--chain-port', '0', '--chain-began', String(EARLIER), '--no-users', '--json'],
        {
            stdio: ['ignore', 'pipe', log.fd],
            env: {
                ...process.env,
                OFFPAY_WEB__FOLDER: join(web, 'dist'),
                // Many phones, one address.
                OFFPAY_HTTP__REQUESTS_PER_MINUTE: '0',
                OFFPAY_HTTP__CALLER_REQUESTS_PER_MINUTE: '0',
                OFFPAY_WEB__QUESTIONS_PER_MINUTE: '0',
                ...settings,
            },
        },
    );
    const ended = new Promise((resolve) => server.once('exit', resolve));
    let said = '';
    server.stdout.on('data', (bytes) => (said += bytes));
    const told = await eventually('the server runs', async () => {
        if (server.exitCode !== null) return { failed: true };
        return JSON.parse(said);
    }, 120);
    if (told.failed) throw new Error(`the server ended: ${await readFile(join(folder, 'server.log'), 'utf8')}`);

    const rpc = async (method, ...params) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
        const answer = await (await fetch(told.chain, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
        if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
        return answer.result;
    };
    const env = { ...process.env, OFFPAY_RPC_URL: told.chain, OFFPAY_DEPLOYMENT: told.deployment };
    const cast = async (...args) => (await run('cast', [...args, '--rpc-url', told.chain])).stdout.trim();
    const circle = join(data, 'circle.key');
    const tokenOwner = async () => `0x${(await readFile(join(data, 'token_owner.key'), 'utf8')).trim()}`;

    return {
        /** Where browsers go. Passkeys want a name, and no bare address. */
        url: `http://localhost:${port}/`,
        told,
        data,
        rpc,
        /** Makes everything final that happened. */
        mine: (blocks = 4) => rpc('anvil_mine', `0x${blocks.toString(16)}`),
        /** Blocks go on coming until it is there: what was sent after the last of them becomes final as well. */
        async until(there) {
            let waits = true;
            const ended = there.finally(() => (waits = false));
            const blocks = (async () => {
                while (waits) {
                    await rpc('anvil_mine', '0x1');
                    await Promise.race([ended.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 1000))]);
                }
            })();
            const [found] = await Promise.all([ended, blocks]);
            return found;
        },
        /** Any command of the program, for this chain and contract. */
        tool: async (...args) => (await run(offpay, args, { env })).stdout.trim(),
        /** Money for gas, and tokens (base units) of the account's own. */
        async fund(account, tokens) {
            await rpc('anvil_setBalance', account, '0x8ac7230489e80000');
            if (tokens === undefined) return;
            // The faucet's key is used by the server as well, until the faucet is filled: two must not choose its nonces.
            const key = await tokenOwner();
            const owner = (await run('cast', ['wallet', 'address', key])).stdout.trim();
            await eventually('a filled faucet', async () => {
                const stock = await cast('call', told.token, 'balanceOf(address)(uint256)', owner);
                const allowed = await cast('call', told.token, 'allowance(address,address)(uint256)', owner, told.contract);
                return !stock.startsWith('0') && !allowed.startsWith('0');
            });
            await cast('send', told.token, 'transfer(address,uint256)', account, tokens, '--private-key', key);
        },
        /** What an account has in the contract, at the head. */
        balance: async (account) => BigInt((await cast('call', told.contract, 'balanceOf(address)(uint256)', account)).split(' ')[0]),
        /** What of an account's money is collateral. */
        collateral: async (account) => BigInt((await cast('call', told.contract, 'securityOf(address)(uint96,uint96,uint40)', account)).split(/\s/)[0]),
        /** The tokens at an address, outside of the contract. */
        tokens: async (address) => BigInt((await cast('call', told.token, 'balanceOf(address)(uint256)', address)).split(' ')[0]),
        /** What opens the operator's own endpoints. */
        adminToken: async () => (await readFile(join(data, 'admin.token'), 'utf8')).trim(),
        /** Makes an account a member of the operator's circle; it counts a week later. */
        admit: async (account) => run(offpay, ['operator', 'admit', account, '--key-file', circle], { env }),
        /** Brings the chain to the present, once. */
        async aWeekPasses() {
            const head = await rpc('eth_getBlockByNumber', 'latest', false);
            const behind = Math.floor(Date.now() / 1000) - Number(head.timestamp);
            if (behind > 1) await rpc('evm_increaseTime', behind - 1);
            await rpc('anvil_mine', '0x4');
        },
        async stop() {
            server.kill('SIGTERM');
            const timer = setTimeout(() => server.kill('SIGKILL'), 15_000);
            await ended;
            clearTimeout(timer);
            await log.close();
        },
    };
}
