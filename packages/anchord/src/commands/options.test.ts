import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { walletCommand } from './wallet.js';

function anchord(...args: string[]): { told: string; run: Promise<unknown> } {
  const result = { told: '', run: Promise.resolve() as Promise<unknown> };
  const wallet = walletCommand();
  const program = new Command('anchord').addCommand(wallet);
  for (const command of [program, wallet, ...wallet.commands]) {
    command.exitOverride().configureOutput({ writeErr: (text) => (result.told += text) });
  }
  result.run = program.parseAsync(args, { from: 'user' });
  return result;
}

test('a mistyped command is told for one, also where a default command would take it for its argument', async () => {
  const result = anchord('wallet', 'balanse');
  await expect(result.run).rejects.toMatchObject({ exitCode: 1 });
  expect(result.told).toBe(
    "error: unknown command 'balanse': there are address, balance, new (anchord wallet --help)\n",
  );
});
