import { expect, test } from '@jest/globals';
import type { AdminStatus } from '../http/admin-status.js';
import { statusText } from './admin-status-text.js';

test('status is told in few digits and right numbers of words; what is wrong stands last', () => {
  const status: AdminStatus = {
    version: '0.1.0',
    now: '2026-11-20T10:00:10.000Z',
    window: { id: 1795168800, seconds: 30, closesAt: '2026-11-20T10:00:30.000Z', secondsLeft: 19.2, digests: 1 },
    waitingDigests: 0,
    anchoringLagSeconds: 7200,
    totals: { digests: 2, windows: 1 },
    lastFinal: null,
    chains: [],
    store: { state: 'ok' },
    tokensAccepted: { private: 1, admin: 1 },
    anchoring: [
      {
        ...{
          chain: 'eip155:31337',
          required: true,
          account: '0xACC0',
          contract: '0xc0',
          state: 'waiting',
          paused: true,
        },
        ...{ pendingAttempts: 0, attempts: [], unanchored: 1, endpoints: [], detail: 'anchoring is paused' },
        lastHealth: {
          ...{ height: 12, finalHeight: 10, balance: '999999285836977146784', anchorCost: '2', anchorsAffordable: 1 },
          balanceZil: '999.999285836977146784',
        },
        healthAgeMs: 3000,
      },
    ],
  };
  expect(statusText(status)).toBe(`\
anchord     0.1.0, 2026-11-20T10:00:10.000Z
window      1795168800: 1 digest, closes in 20 s
waiting     0 digests for the next commit
lag         2 h 0 min
last final  none yet
totals      2 digests in 1 window

eip155:31337: waiting, paused
  contract    0xc0
  account     0xACC0
  balance     999.999285 ZIL, pays for 1 anchor
  height      12, final 10, 3 s ago
  unanchored  1 window
  pending     nothing
  ! anchoring is paused`);
});
