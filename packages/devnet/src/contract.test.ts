import { describe, expect, test } from '@jest/globals';
import { createContract, interfaceFaults } from './contract.js';
import { anchorsCode, initParams } from './test-support/test-devnet.js';

const OWNER = `0x${'12'.repeat(20)}`;
const place = { address: 'ab'.repeat(20), blockNumber: 7 };

describe('the code', () => {
  test('of the anchor contract is known', () => {
    expect(interfaceFaults(anchorsCode)).toEqual([]);
  });

  test('may differ in comments and spaces', () => {
    expect(
      interfaceFaults(anchorsCode.replaceAll(' : ', ':').replace('library', '(* a (* nested *) one *) library')),
    ).toEqual([]);
  });

  test.each([
    ['another field', anchorsCode.replace('field owner', 'field memo : String = ""\nfield owner'), 'field memo:String'],
    [
      'a field of another type',
      anchorsCode.replace('latest_window : Uint64', 'latest_window : Uint32'),
      'latest_window',
    ],
    [
      'no transition to accept',
      anchorsCode.replace('transition AcceptOwnership', 'procedure Accept'),
      'AcceptOwnership()',
    ],
    ['another transition', `${anchorsCode}\ntransition Burn ()\nend`, 'Burn()'],
    [
      'parameters in another order',
      anchorsCode.replace('(window : Uint64, root : ByStr32,', '(root : ByStr32, window : Uint64,'),
      'Anchor(',
    ],
    ['no such exception', anchorsCode.replaceAll('"NotOwner"', '"Forbidden"'), '"NotOwner"'],
    [
      'another contract parameter',
      anchorsCode.replace('initial_owner : ByStr20\n)', 'boss : ByStr20\n)'),
      'initial_owner',
    ],
    ['only a comment of it', `(* ${anchorsCode} *)`, 'scilla_version 0'],
    ['nothing', 'hello', 'scilla_version 0'],
  ])('with %s is not', (_case, code, named) => {
    expect(interfaceFaults(code).join('; ')).toContain(named);
  });
});

describe('the initial data', () => {
  test('make a contract with the owner they name, and are kept with block and address', () => {
    const contract = createContract('code', JSON.stringify(initParams(OWNER)), place);
    expect(contract).toMatchObject({
      state: { owner: OWNER, anchorCount: 0n },
      init: [
        ...initParams(OWNER),
        { vname: '_creation_block', type: 'BNum', value: '7' },
        { vname: '_this_address', type: 'ByStr20', value: `0x${place.address}` },
      ],
    });
  });

  test.each([
    ['no JSON', '{', '{vname, type, value}'],
    ['no owner', JSON.stringify(initParams(OWNER).slice(0, 1)), 'initial_owner'],
    ['an owner that is no address', JSON.stringify(initParams('0x12')), 'initial_owner'],
    ['no version', JSON.stringify(initParams(OWNER).slice(1)), '_scilla_version'],
    [
      'something more',
      JSON.stringify([...initParams(OWNER), { vname: 'x', type: 'String', value: '' }]),
      'no parameter',
    ],
  ])('with %s make none', (_case, data, named) => {
    expect(createContract('code', data, place)).toEqual({ fault: expect.stringContaining(named) });
  });
});
