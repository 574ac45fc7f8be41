import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// `npm run dev` shows the page with hot reload and asks a running server for everything else.
const server = process.env.CMDB_SERVER ?? 'http://127.0.0.1:7070';
const proxy = { '/api': { target: server, changeOrigin: true, headers: { origin: server } } };

export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { $: fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy },
  preview: { proxy },
  build: {
    // Cargo names a folder of its own; by hand it is web/dist.
    outDir: process.env.CMDB_UI_OUT || 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Inlined files would need exceptions from the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
