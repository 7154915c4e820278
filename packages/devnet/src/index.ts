export { startDevnet, type Devnet } from './devnet.js';
export type { DevnetOptions } from './options.js';
