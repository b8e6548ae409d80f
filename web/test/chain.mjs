/** A real local chain with a real deployment, and an operator that signs with the real binary. */
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DEPLOYER = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const WEEK = 604_800;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json' };

export async function world(folder, offpay, dist) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const rpcUrl = `http://127.0.0.1:${port}`;
    // It begins a week ago: a membership takes a week to count.
    const anvil = spawn('anvil', ['--port', String(port), '--slots-in-an-epoch', '1', '--silent', '--timestamp', String(Math.floor(Date.now() / 1000) - WEEK - 160)], { stdio: 'ignore' });
    const rpc = async (method, ...params) => {
        const answer = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
        const told = await answer.json();
        if (told.error) throw new Error(`${method}: ${told.error.message}`);
        return told.result;
    };
    for (let tries = 0; ; tries++) {
        try { await rpc('eth_chainId'); break; } catch (error) { if (tries > 100) throw error; await new Promise((r) => setTimeout(r, 100)); }
    }
    const deploymentFile = join(folder, 'deployment.json');
    const keyFile = join(folder, 'operator.key');
    await writeFile(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
    const env = { ...process.env, OFFPAY_RPC_URL: rpcUrl, OFFPAY_DEPLOYMENT: deploymentFile, OFFPAY_PRIVATE_KEY: DEPLOYER };
    const tool = async (...args) => (await run(offpay, args, { env, cwd: folder })).stdout.trim();
    await tool('deploy', '--out', deploymentFile);
    const deployment = JSON.parse(await readFile(deploymentFile, 'utf8'));
    const cardFile = join(folder, 'card.txt');
    await tool('operator', 'card', '--name', 'Old Market', '--key-file', keyFile, '--out', cardFile);
    const card = (await readFile(cardFile, 'utf8')).trim();
    const circle = (await run('cast', ['wallet', 'address', `0x${await readFile(keyFile, 'utf8')}`])).stdout.trim();
    await rpc('anvil_setBalance', circle, '0x8ac7230489e80000');
    const server = createServer(async (request, response) => {
        try {
            const url = new URL(request.url, 'http://localhost');
            const wanted = /^\/v1\/purses\/(0x[0-9a-fA-F]{40})\/certificate$/.exec(url.pathname);
            if (wanted) {
                const out = join(folder, `${randomBytes(6).toString('hex')}.txt`);
                await tool('operator', 'certify', wanted[1], '--key-file', keyFile, '--out', out);
                response.setHeader('content-type', 'application/json');
                return response.end(JSON.stringify((await readFile(out, 'utf8')).trim()));
            }
            if (url.pathname === '/offpay.json') {
                response.setHeader('content-type', 'application/json');
                return response.end(JSON.stringify({
                    deployment: { domain: { chainId: deployment.chainId, verifyingContract: deployment.contract }, parameters: deployment.parameters, token: { symbol: 'OFFPAY', decimals: 18 } },
                    token: deployment.token, rpc: [rpcUrl], faucet: false,
                    operator: { card, server: '/', circle, circleName: 'Old Market', coverCount: 4 },
                }));
            }
            const path = url.pathname === '/' ? '/index.html' : url.pathname;
            const bytes = await readFile(join(dist, path));
            response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
            response.end(bytes);
        } catch (error) {
            response.statusCode = 404;
            response.end(String(error));
        }
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
        url: `http://localhost:${server.address().port}/`,
        deployment, rpc, tool, keyFile,
        mine: (blocks) => rpc('anvil_mine', `0x${blocks.toString(16)}`),
        async fund(account, tokens) {
            await rpc('anvil_setBalance', account, '0x8ac7230489e80000');
            if (tokens) await run('cast', ['send', deployment.token, 'mint(address,uint256)', account, tokens, '--private-key', DEPLOYER, '--rpc-url', rpcUrl]);
        },
        admit: (account) => tool('operator', 'admit', account, '--key-file', keyFile),
        async aWeekPasses() {
            await rpc('evm_increaseTime', WEEK + 100);
            await rpc('anvil_mine', '0x3');
        },
        stop() { server.close(); server.closeAllConnections(); anvil.kill(); },
    };
}
