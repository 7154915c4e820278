import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of a few megabytes, to be filled up. */
export interface SmallDisk {
  /** Where this process finds what programs find in the folder. */
  path: string;
  /** The command that runs a program where the disk is. */
  within(command: string, args: readonly string[]): [string, string[]];
  /** Takes all of the room but `leaveBytes`; none is left of what was taken before. */
  fill(leaveBytes?: number): void;
  makeRoom(): void;
  remount(how: 'ro' | 'rw'): void;
  remove(): Promise<void>;
}

/**
 * Mounts a tmpfs at a folder. Where that is not allowed, it is mounted in a namespace of its own (`unshare`), and the programs are run in there.
 * Throws where neither works: what a full disk does cannot be tested then, and must not pass for tested.
 */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  mkdirSync(folder, { recursive: true });
  const mount = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder];
  try {
    execFileSync('mount', mount, { stdio: 'pipe' });
    return smallDisk(folder, {
      path: folder,
      run: (command, args) => [command, [...args]],
      remove: async () => {
        execFileSync('umount', [folder]);
      },
    });
  } catch (error) {
    process.stderr.write(`mount is not allowed here (${(error as Error).message.trim()}): trying it in a namespace\n`);
    return mountInNamespace(folder, mount);
  }
}

async function mountInNamespace(folder: string, mount: readonly string[]): Promise<SmallDisk> {
  const script = 'mount "$@" && echo mounted && exec sleep 600';
  const holder = spawn('unshare', ['-Urm', 'sh', '-c', script, 'sh', ...mount], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'exit');
  const mounted = await Promise.race([once(holder.stdout, 'data').then(() => true), exited.then(() => false)]);
  if (!mounted)
    throw new Error(
      'NOT TESTED: a tmpfs can be mounted neither here nor in a namespace; run the tests as root, or allow user namespaces',
    );
  const pid = String(holder.pid!);
  return smallDisk(folder, {
    path: join('/proc', pid, 'root', folder),
    run: (command, args) => ['nsenter', ['-U', '-m', '--preserve-credentials', '-t', pid, command, ...args]],
    remove: async () => {
      holder.kill('SIGKILL');
      await exited;
    },
  });
}

interface Mounted {
  path: string;
  run: SmallDisk['within'];
  remove(): Promise<void>;
}

function smallDisk(folder: string, { path, run, remove }: Mounted): SmallDisk {
  const filler = join(path, 'filler');
  return {
    path,
    within: run,
    fill(leaveBytes = 0) {
      rmSync(filler, { force: true });
      const [command, args] = run('df', ['--output=avail', '-B1', folder]);
      const free = Number(execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n')[1]);
      const bytes = Math.max(0, free - leaveBytes);
      try {
        writeFileSync(filler, Buffer.alloc(bytes, 1));
      } catch (error) {
        // Somebody else may have been quicker by a page: as full as wanted, and what was written stays.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    makeRoom() {
      if (existsSync(filler)) truncateSync(filler, 0);
    },
    remount(how) {
      const [command, args] = run('mount', ['-o', `remount,${how}`, folder]);
      execFileSync(command, args, { stdio: 'pipe' });
    },
    remove,
  };
}
