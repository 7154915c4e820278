// @ts-check
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

// What processes cost, as Linux tells it in /proc. Elsewhere nothing is known of it, and the tables say so.

/** /proc counts in hundredths of a second, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** @param {string} file */
function readOrNothing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // it has ended, or this is no Linux
  }
}

/** @param {string} file the stat file of a process or of a thread */
function ticksOf(file) {
  // After the name, which is in parentheses and may hold anything: the 12th and 13th fields are the ticks in user and in system mode.
  const fields = readOrNothing(file)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields === undefined ? NaN : Number(fields[11]) + Number(fields[12]);
}

/**
 * CPU time so far, in seconds: of a process, and of its main thread alone.
 * @param {number} pid
 */
export function cpuOf(pid) {
  return {
    all: ticksOf(`/proc/${pid}/stat`) / TICKS_PER_SECOND,
    main: ticksOf(`/proc/${pid}/task/${pid}/stat`) / TICKS_PER_SECOND,
  };
}

/** CPU time of the whole machine that was not idle, in seconds. */
export function cpuOfMachine() {
  const fields = readOrNothing('/proc/stat')?.split('\n')[0]?.trim().split(/ +/).slice(1, 9).map(Number);
  if (fields === undefined) return NaN;
  const [, , , idle = 0, ioWait = 0] = fields;
  return (fields.reduce((sum, ticks) => sum + ticks, 0) - idle - ioWait) / TICKS_PER_SECOND;
}

/**
 * The most memory that a process ever had, in MB.
 * @param {number} pid
 */
export function peakMemoryMb(pid) {
  const kb = /^VmHWM:\s+([0-9]+) kB/m.exec(readOrNothing(`/proc/${pid}/status`) ?? '')?.[1];
  return kb === undefined ? NaN : Number(kb) / 1000;
}

/**
 * Starts to watch processes. The function that it gives tells how many cores each has kept busy since.
 *
 * @param {Record<string, number>} pids
 * @returns {() => Record<string, number>}
 */
export function watchCpu(pids) {
  const read = () => ({
    at: performance.now(),
    machine: cpuOfMachine(),
    each: Object.entries(pids).map(([name, pid]) => ({ name, ...cpuOf(pid) })),
  });
  const before = read();
  return () => {
    const after = read();
    const seconds = (after.at - before.at) / 1000;
    /** @type {Record<string, number>} */
    const cores = {};
    let ours = 0;
    after.each.forEach(({ name, all, main }, i) => {
      const since = before.each[i];
      if (since === undefined) return;
      cores[name] = (all - since.all) / seconds;
      cores[`${name} main thread`] = (main - since.main) / seconds;
      ours += all - since.all;
    });
    cores['all others'] = (after.machine - before.machine - ours) / seconds;
    cores['of'] = cpus().length;
    return cores;
  };
}
