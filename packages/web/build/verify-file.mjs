// @ts-check
import { createHash } from 'node:crypto';
import { build } from 'vite';

const NAME = 'chronos-verify.html';
/** The module that starts the hashing worker, and the one that takes its place in a file that stands alone. */
const STARTS_WORKER = /\/verifying\/start-worker\.ts$/;

/**
 * Builds the verify page as one file that opens from a disk, puts it beside the page, and tells the page its digest.
 * @returns {import('vite').Plugin}
 */
export function verifyFile() {
  let html = '';
  return {
    name: 'verify-file',
    apply: 'build',
    config: async ({ root, oxc }) => {
      if (root === undefined) throw new Error('the configuration names no root');
      html = await buildFile(root, oxc);
      return { define: { 'import.meta.env.VITE_VERIFY_FILE_SHA256': JSON.stringify(sha256(html).digest('hex')) } };
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: NAME, source: html });
    },
  };
}

/** @param {string} text */
const sha256 = (text) => createHash('sha256').update(text);

/**
 * @param {string} root
 * @param {import('vite').UserConfig['oxc']} oxc
 */
async function buildFile(root, oxc) {
  const result = await build({
    ...{ root, configFile: false, logLevel: 'warn', ...(oxc === undefined ? {} : { oxc }) },
    define: {
      'import.meta.env.VITE_SINGLE_FILE': '"yes"',
      'import.meta.env.VITE_VERIFY_FILE_SHA256': '""',
    },
    plugins: [
      {
        name: 'worker-within',
        enforce: 'pre',
        async resolveId(source, importer, options) {
          const found = await this.resolve(source, importer, { ...options, skipSelf: true });
          return found !== null && STARTS_WORKER.test(found.id)
            ? found.id.replace('start-worker.ts', 'start-worker-inline.ts')
            : undefined;
        },
      },
    ],
    build: {
      write: false,
      assetsInlineLimit: Infinity,
      cssCodeSplit: false,
      modulePreload: false,
      reportCompressedSize: false,
      copyPublicDir: false,
      rolldownOptions: { input: `${root}/verify-file.html`, output: { codeSplitting: false } },
    },
  });
  const outputs = /** @type {import('vite').Rolldown.RolldownOutput} */ (result).output;
  return asOneFile(outputs);
}

/** @param {readonly (import('vite').Rolldown.OutputChunk | import('vite').Rolldown.OutputAsset)[]} outputs */
function asOneFile(outputs) {
  const files = new Map(outputs.map((one) => [one.fileName, one.type === 'chunk' ? one.code : String(one.source)]));
  const names = [...files.keys()];
  const page = files.get('verify-file.html');
  const script = names.filter((name) => name.endsWith('.js'));
  const style = names.filter((name) => name.endsWith('.css'));
  if (page === undefined || script.length !== 1 || style.length !== 1 || names.length !== 3) {
    throw new Error(`the verify page did not become one page, script and style, but ${names.join(', ')}`);
  }
  // What ends the element within the script would end it in the page.
  const code = (files.get(script[0] ?? '') ?? '').replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const css = files.get(style[0] ?? '') ?? '';
  const policy = [
    "default-src 'none'",
    `script-src '${hashSource(code)}' 'wasm-unsafe-eval' blob:`,
    `style-src '${hashSource(css)}'`,
    'connect-src https: http://127.0.0.1:* http://localhost:*',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    '<meta name="referrer" content="no-referrer" />',
    `<style>${css}</style>`,
  ].join('\n    ');
  const bare = page
    .replace(/\s*<script [^>]*src=[^>]*><\/script>/, '')
    .replace(/\s*<link [^>]*rel="stylesheet"[^>]*>/, '');
  // By functions: in a replacement text `$&` has a meaning, and code is full of dollars.
  return bare
    .replace('<meta charset="utf-8" />', (charset) => `${charset}\n    ${head}`)
    .replace('</body>', () => `<script type="module">${code}</script>\n  </body>`);
}

/** @param {string} text */
function hashSource(text) {
  return `sha256-${sha256(text).digest('base64')}`;
}
