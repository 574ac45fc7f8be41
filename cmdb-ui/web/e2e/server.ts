// A server of its own for a test: the built binary on a free port over a new folder.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export type Served = { url: string; stop: () => Promise<void> };

const BINARY = process.env.CMDB_BIN ?? resolve(import.meta.dirname, '../../../target/debug/cmdb');
const START_MS = 60_000;

/** Starts `cmdb demo` or, without the demo, `cmdb serve`. */
export async function serve(demo: boolean): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'cmdb-e2e-'));
  const command = demo ? 'demo' : 'serve';
  const child = spawn(BINARY, ['--data', join(folder, 'data'), command, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CMDB_LOG: 'warn' },
  });
  const url = await announced(child);
  const stop = () =>
    new Promise<void>((done) => {
      child.once('exit', () => {
        rmSync(folder, { recursive: true, force: true });
        done();
      });
      child.kill('SIGTERM');
    });
  return { url, stop };
}

function announced(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = '';
    const late = setTimeout(() => fail(new Error(`${BINARY} did not start:\n${said}`)), START_MS);
    child.stderr!.on('data', (piece: Buffer) => {
      said += piece;
      const url = /serving (http:\S+)/.exec(said)?.[1];
      if (!url) return;
      clearTimeout(late);
      done(url);
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${BINARY} ended with ${code}:\n${said}`)));
  });
}
