import { defineConfig } from 'vite';

const server = process.env.APP_SELF_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The style sheet uses light-dark() and nesting as they are.
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's content security policy allows neither inline scripts nor data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npx vite ui` beside a running app.
  server: { proxy: { '/hub': { target: server, ws: true } } },
});
