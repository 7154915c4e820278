// @ts-check
import { createSocket } from 'node:dgram';

const A_RECORD = 1;
const HEADER_BYTES = 12;

/**
 * A name server with one name, which stands for several addresses, as Docker's does for the tasks of a service. Any other name is unknown to it.
 *
 * @param {string} name
 * @param {readonly string[]} addresses of IPv4
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export async function startNameServer(name, addresses) {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const answer = answerTo(query, name, addresses);
    if (answer !== undefined) socket.send(answer, port, address);
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(undefined)));
  return { port: socket.address().port, close: () => void socket.close() };
}

/**
 * @param {Buffer} query
 * @param {string} name
 * @param {readonly string[]} addresses
 */
function answerTo(query, name, addresses) {
  if (query.length < HEADER_BYTES + 5) return undefined;
  /** @type {string[]} */
  const labels = [];
  let at = HEADER_BYTES;
  for (let length = query[at++] ?? 0; length > 0; length = query[at++] ?? 0) {
    labels.push(query.toString('latin1', at, at + length));
    at += length;
  }
  const isKnown = labels.join('.').toLowerCase() === name;
  const records = isKnown && query.readUInt16BE(at) === A_RECORD ? addresses.map(aRecord) : [];
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2); // an answer; no such name
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, at + 4), ...records]);
}

/** @param {string} address */
function aRecord(address) {
  // The question's name again, class IN, for a second, four bytes.
  return Buffer.from([0xc0, HEADER_BYTES, 0, A_RECORD, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
}
