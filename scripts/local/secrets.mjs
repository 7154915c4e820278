// @ts-check
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The key and tokens of a local service, made the first time and readable by their owner alone.
 *
 * @param {string} dataDir
 */
export function localSecrets(dataDir) {
  const folder = join(dataDir, 'secrets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secret = (/** @type {string} */ name) => {
    const file = join(folder, name);
    if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    return file;
  };
  return {
    walletFile: secret('wallet.key'),
    privateTokenFile: secret('private.token'),
    adminTokenFile: secret('admin.token'),
  };
}
