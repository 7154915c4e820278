export { startDevnet, type Devnet } from './devnet.js';
export type { Fault, FaultOptions } from './faults.js';
export type { DevnetOptions, Flavour } from './options.js';
