import { beforeAll, describe, expect, test } from '@jest/globals';
import { ChronosError, type Proof } from '@chronos/shared';
import jsQR from 'jsqr';
import { makeCertificate, verifyPageUrl } from './certificate.js';
import type { Certificate, CertificateInput } from './model.js';
import { BLINDED, goodProofs, LONG } from './testing/good-proofs.js';
import { LANGUAGES } from './words/languages.js';

let proof: Proof;
let blinded: Proof;
beforeAll(() => {
  const proofs = goodProofs();
  proof = proofs.get(LONG)!;
  blinded = proofs.get(BLINDED)!;
});

function make(changes: Partial<CertificateInput> = {}): Certificate {
  return makeCertificate({
    proof,
    language: 'en',
    timeZone: 'Europe/Berlin',
    serviceUrl: 'https://chronos.example/',
    endpoints: ['https://node.example/v3/secret-key'],
    fileName: 'contract.pdf',
    ...changes,
  });
}

/** Every text of a certificate, in order. */
function textsOf(certificate: Certificate): string {
  return JSON.stringify({ ...certificate, scan: { ...certificate.scan, modules: [] } });
}

function factOf({ sections }: Certificate, label: string): string | undefined {
  const rows = sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'facts' ? block.rows : [])));
  return rows.find((row) => row.label === label)?.value;
}

describe('a certificate', () => {
  test('says since when the file existed, in UTC and in local time, and every fact of the proof', () => {
    const certificate = make();
    expect(certificate.claim).toMatchObject({
      lead: 'The file with the SHA-256 digest below existed no later than',
      utc: '20 November 2026, 10:00:33 UTC',
      local: '20 November 2026, 11:00:33 (UTC+01:00) in the time zone Europe/Berlin',
    });
    const anchor = proof.anchors[0] as {
      contract: string;
      transaction: string;
      block: { hash: string; number: number };
    };
    expect(factOf(certificate, 'File name')).toBe('contract.pdf');
    expect(factOf(certificate, 'Digest (SHA-256)')).toBe(proof.digest.value);
    expect(factOf(certificate, 'Root of the window')).toBe(proof.inclusion?.root);
    expect(factOf(certificate, 'Chain')).toBe('Zilliqa mainnet (eip155:32769)');
    expect(factOf(certificate, 'Contract')).toBe(anchor.contract);
    expect(factOf(certificate, 'Transaction')).toBe(anchor.transaction);
    expect(factOf(certificate, 'Block number')).toBe(String(anchor.block.number));
    expect(factOf(certificate, 'Block hash')).toBe(anchor.block.hash);
    expect(factOf(certificate, 'Collection window')).toBe(
      '30 seconds from 2026-11-20 10:47:00 UTC; digest 29 of 257 in it',
    );
    expect(certificate.warning).toBeUndefined();
  });

  test.each(LANGUAGES)(
    '%s: it says what is not proved, and that it is no qualified time stamp of eIDAS',
    (language) => {
      const { sections } = make({ language });
      const notProved = sections.find(({ id }) => id === 'not-proved')?.blocks ?? [];
      expect(notProved.find((block) => block.kind === 'list')?.items).toHaveLength(5);
      expect(JSON.stringify(notProved)).toMatch(/eIDAS.*910\/2014/);
    },
  );

  test('both languages say the same things in the same order, and nothing of one stands in the other', () => {
    const [en, de] = [make({ language: 'en' }), make({ language: 'de' })];
    const shape = ({ sections }: Certificate) => sections.map(({ id, blocks }) => [id, blocks.map(({ kind }) => kind)]);
    expect(shape(de)).toEqual(shape(en));
    const proseOf = ({ sections }: Certificate) =>
      sections.flatMap(({ title, blocks }) => [
        title,
        ...blocks.flatMap((block) => ('text' in block ? [block.text] : [])),
      ]);
    const english = new Set(proseOf(en));
    expect(proseOf(de).filter((text) => english.has(text))).toEqual([]);
  });

  test('it tells whether the chain was asked, and by which endpoint, but no key to that', () => {
    expect(factOf(make(), 'Checked for this certificate')).toBe(
      'every step, on the chain too, by asking https://node.example',
    );
    expect(textsOf(make())).not.toContain('secret-key');
    expect(factOf(make({ endpoints: [] }), 'Checked for this certificate')).toContain('the chain was not asked');
  });

  test.each([
    ['eip155:31337', /^Trial only.*local test chain/],
    ['eip155:33101', /^Trial only.*testnet/],
    ['eip155:5', /does not know the chain/],
  ])('one of chain %s is marked', (chain, warning) => {
    const anchors = proof.anchors.map((anchor) => ({ ...anchor, chain }));
    expect(make({ proof: { ...proof, anchors } }).warning).toMatch(warning);
  });

  test('of several anchors the earliest block counts, and each is told', () => {
    const [anchor] = proof.anchors as [Extract<Proof['anchors'][number], { type: 'zilliqa-evm' }>];
    const native = {
      type: 'zilliqa-scilla' as const,
      chain: 'zilliqa:1',
      contract: 'zil1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq9yf6pz',
      transaction: 'ab'.repeat(32),
      block: { number: 7, hash: 'cd'.repeat(32), time: '2026-11-20T10:00:30.250Z' },
    };
    const certificate = make({ proof: { ...proof, anchors: [anchor, native] } });
    expect(certificate.claim.utc).toBe('20 November 2026, 10:00:30.250 UTC');
    const texts = textsOf(certificate);
    expect(texts).toContain('On the chain, 1 of 2');
    expect(texts).toContain('On the chain, 2 of 2');
    expect(texts).toContain('GetTransaction');
    expect(texts).toContain('eth_getTransactionReceipt');
  });

  test('a blinded one says that it shows what the service does not know', () => {
    const certificate = make({ proof: blinded });
    expect(factOf(certificate, 'Blinding')).toBe(blinded.blinding);
    expect(textsOf(certificate)).toContain('hidden from the service');
  });

  test('a proof that is incomplete, forged, or of a later format gets none', () => {
    const refusal = (changed: object) => {
      try {
        make({ proof: { ...proof, ...changed } });
      } catch (error) {
        return error instanceof ChronosError ? error.code : error;
      }
      return 'made';
    };
    expect(refusal({})).toBe('made');
    expect(refusal({ anchors: [] })).toBe('pending');
    expect(refusal({ salt: '00'.repeat(16) })).toBe('path_mismatch');
    expect(refusal({ window: { ...proof.window, id: 1 } })).toBe('log_mismatch');
    expect(refusal({ format: 'chronos-proof/2' })).toBe('unsupported_format');
    expect(refusal({ salt: 'zz' })).toBe('malformed_proof');
  });

  test('its QR code is read as the verify page with the digest in the fragment', () => {
    const { scan } = make();
    expect(scan.url).toBe(`https://chronos.example/verify#${proof.digest.value}`);
    expect(new URL(scan.url).pathname).not.toContain(proof.digest.value);
    expect(readQr(scan.modules)).toBe(scan.url);
    const long = make({ serviceUrl: `https://${'a'.repeat(60)}.${'b'.repeat(60)}.example/some/path` }).scan;
    expect(readQr(long.modules)).toBe(long.url);
  });
});

test('the address of the verify page takes a service below a path', () =>
  expect(verifyPageUrl('https://a.example/chronos//', 'ff')).toBe('https://a.example/chronos/verify#ff'));

function readQr(modules: readonly (readonly boolean[])[]): string | undefined {
  const scale = 4;
  const side = modules.length * scale;
  const pixels = new Uint8ClampedArray(side * side * 4);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dark = modules[Math.floor(y / scale)]![Math.floor(x / scale)];
      pixels.set(dark === true ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * side + x) * 4);
    }
  }
  const read = jsQR as unknown as (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null;
  return read(pixels, side, side)?.data;
}
