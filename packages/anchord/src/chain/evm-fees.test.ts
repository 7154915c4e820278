import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseFee, type Fee, formatFee, highestPrice, parseFee } from './evm-fees.js';

const GWEI = 10n ** 9n;

describe('the fee of a new transaction', () => {
  test('is the price asked where there is no base fee, for there all that is offered is paid', () => {
    const choice = chooseFee({ gasPrice: 4761904800000n }, 20_000n * GWEI);
    expect(choice).toEqual({ result: 'chosen', fee: { kind: 'legacy', gasPrice: 4761904800000n } });
  });

  test('has head-room for a rising base fee, as far as the limit goes', () => {
    const market = { gasPrice: 12n * GWEI, baseFee: 10n * GWEI };
    const fee = { kind: 'eip1559', maxFeePerGas: 22n * GWEI, maxPriorityFeePerGas: 2n * GWEI };
    expect(chooseFee(market, 100n * GWEI)).toEqual({ result: 'chosen', fee });
    expect(chooseFee(market, 15n * GWEI)).toEqual({ result: 'chosen', fee: { ...fee, maxFeePerGas: 15n * GWEI } });
  });

  test('is refused above the limit, with both figures', () => {
    const choice = chooseFee({ gasPrice: 4762n * GWEI }, 4000n * GWEI);
    const detail = 'the network asks 4762 gwei for a unit of gas, the limit set is 4000 gwei';
    expect(choice).toEqual({ result: 'refused', detail });
  });
});

describe('the fee of a replacement', () => {
  const wei = fc.bigInt({ min: 0n, max: 10n ** 24n });
  const fees = fc.oneof(
    wei.map((gasPrice): Fee => ({ kind: 'legacy', gasPrice })),
    fc.tuple(wei, wei).map(([a, b]): Fee => {
      const [maxPriorityFeePerGas, maxFeePerGas] = a < b ? [a, b] : [b, a];
      return { kind: 'eip1559', maxFeePerGas, maxPriorityFeePerGas };
    }),
  );
  const tip = (fee: Fee) => (fee.kind === 'legacy' ? fee.gasPrice : fee.maxPriorityFeePerGas);

  test('is at least an eighth higher in both respects and never below the market nor above the limit, or refused', () => {
    const markets = fc
      .tuple(wei, fc.option(wei))
      .map(([tipWei, baseFee]) =>
        baseFee === null || baseFee === 0n ? { gasPrice: tipWei } : { gasPrice: baseFee + tipWei, baseFee },
      );
    fc.assert(
      fc.property(fees, markets, wei, (replaced, market, limit) => {
        const choice = chooseFee(market, limit, replaced);
        if (choice.result === 'refused') return;
        expect(highestPrice(choice.fee) * 8n).toBeGreaterThan(highestPrice(replaced) * 9n - 8n);
        expect(tip(choice.fee) * 8n).toBeGreaterThan(tip(replaced) * 9n - 8n);
        expect(highestPrice(choice.fee)).toBeGreaterThan(highestPrice(replaced));
        expect(highestPrice(choice.fee)).toBeGreaterThanOrEqual(market.gasPrice);
        expect(highestPrice(choice.fee)).toBeLessThanOrEqual(limit);
        expect(tip(choice.fee)).toBeLessThanOrEqual(highestPrice(choice.fee));
      }),
    );
  });

  test('reads back as it was kept', () => {
    fc.assert(
      fc.property(fees, (fee) => {
        expect(parseFee(formatFee(fee))).toEqual(fee);
      }),
    );
  });
});
