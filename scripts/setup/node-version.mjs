// @ts-check
import { Fault } from './fault.mjs';

const oldest = [20, 19];

/** @param {string} version as in `process.versions.node` */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

export function checkNodeVersion() {
  if (isSupportedNode(process.versions.node)) return;
  throw new Fault(`Chronos needs Node ${oldest.join('.')} or later; this is Node ${process.versions.node}.`);
}
