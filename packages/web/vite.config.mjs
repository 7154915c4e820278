// @ts-check
import { defineConfig } from 'vite';
import { precompress } from './build/precompress.mjs';
import { verifyFile } from './build/verify-file.mjs';

// The page, from `src` to `dist/page`, which the proxy serves. `tsc -b` checks the types; nothing here depends on what it writes but
// `shared` and `certificate`.
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    // The Content-Security-Policy takes no `data:`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  plugins: [verifyFile(), precompress()],
});
