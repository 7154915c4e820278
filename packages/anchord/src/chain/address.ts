/** An account from `0x…` (its EIP-55 checksum is checked where it has one) or `zil1…`: as EIP-55 `0x…`. Throws `invalid_settings`. */
export function parseAddress(_text: string, _field = 'the address'): string {
  throw new Error('not written yet');
}
