const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** BIP 173's checksum: 1 for a whole text that is right. */
function polymod(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    GENERATORS.forEach((generator, bit) => {
      if ((top >>> bit) & 1) checksum ^= generator;
    });
  }
  return checksum >>> 0;
}

/** The 20 bytes of a `zil1…` address, as hex; undefined where it is none (BIP 173, human-readable part "zil"). */
export function findZilAddress(text: string): string | undefined {
  if (text !== text.toLowerCase() || !text.startsWith('zil1') || text.length !== 42) return undefined;
  const values = Array.from(text.slice(4), (character) => ALPHABET.indexOf(character));
  const prefix = Array.from('zil', (character) => character.charCodeAt(0));
  const expanded = [...prefix.map((code) => code >>> 5), 0, ...prefix.map((code) => code & 31)];
  if (values.includes(-1) || polymod([...expanded, ...values]) !== 1) return undefined;
  const bits = values
    .slice(0, -6)
    .map((value) => value.toString(2).padStart(5, '0'))
    .join('');
  return BigInt(`0b${bits}`).toString(16).padStart(40, '0');
}
