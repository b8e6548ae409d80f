import { mount } from 'svelte';
import App from './App.svelte';
import './style.css';
import { hosted } from './state/hosted.svelte';
import { keeping } from './state/keeping.svelte';
import { preferences } from './state/preferences.svelte';
import { wallet } from './state/wallet.svelte';
import { trustedUrl } from './trusted';

preferences.show();
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
void keeping.start();
void hosted.start().finally(() => wallet.start());

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    void navigator.serviceWorker.register(trustedUrl('/sw.js') as string, { scope: '/' });
}
