import { mount } from 'svelte';
import App from './App.svelte';
import './style.css';
import { preferences } from './state/preferences.svelte';
import { wallet } from './state/wallet.svelte';
import { trustedUrl } from './trusted';

preferences.show();
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
void wallet.start();

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    void navigator.serviceWorker.register(trustedUrl('/sw.js') as string, { scope: '/' });
}
