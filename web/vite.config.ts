import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
    plugins: [
        svelte(),
        VitePWA({
            // Registered by hand: Trusted Types let nothing else in.
            injectRegister: null,
            registerType: 'prompt',
            includeAssets: ['icon.svg', 'icon-192.png', 'icon-512.png'],
            manifest: {
                id: '/',
                name: 'OffPay',
                short_name: 'OffPay',
                description: 'Pay and be paid, with no network.',
                start_url: '/',
                scope: '/',
                display: 'standalone',
                orientation: 'portrait',
                background_color: '#f6f4ee',
                theme_color: '#0b6b4d',
                categories: ['finance'],
                icons: [
                    { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
                    { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
                    { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
                ],
            },
            workbox: {
                globPatterns: ['**/*.{js,css,html,svg,png,wasm,webmanifest}'],
                maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
                navigateFallback: '/index.html',
                navigateFallbackDenylist: [/^\/v1\//, /^\/docs/, /^\/openapi/],
                inlineWorkboxRuntime: true,
                cleanupOutdatedCaches: true,
                // The first visit works offline as well, without a reload.
                clientsClaim: true,
                sourcemap: false,
            },
        }),
    ],
    worker: { format: 'es' },
    build: {
        target: 'es2022',
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        reportCompressedSize: false,
    },
});
