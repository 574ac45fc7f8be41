// Start of the page.
import { mount } from 'svelte';
import './styles/tokens.css';
import './styles/base.css';
import './lib/scheme.svelte';
import App from './App.svelte';
import { startKeyboard } from './lib/keys.svelte';
import { startRouter } from './lib/router.svelte';

startRouter();
startKeyboard();
mount(App, { target: document.getElementById('page')! });
