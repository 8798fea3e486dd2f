import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const READY_MS = 120_000;

/** The real product, started by its own launcher on a throw-away data folder. */
export class Server {
  /** How browsers call this machine; a name where a number will not do. */
  host: '127.0.0.1' | 'localhost' = '127.0.0.1';

  private constructor(
    readonly data: string,
    readonly port: number,
    readonly options: string[],
    private child: ChildProcess,
    private log: string[],
  ) {}

  static async start(...options: string[]): Promise<Server> {
    const data = mkdtempSync(path.join(os.tmpdir(), 'cybershield-e2e-'));
    const server = new Server(data, await freePort(), options, undefined as never, []);
    await server.launch();
    return server;
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  /** What the server wrote so far. */
  get output(): string {
    return this.log.join('');
  }

  private async launch(): Promise<void> {
    this.child = spawn(
      path.join(root, 'cybershield'),
      ['start', '--data', this.data, '--port', String(this.port), ...this.options],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => this.log.push(chunk.toString()));
    const until = Date.now() + READY_MS;
    while (!(await this.isReady())) {
      if (this.child.exitCode !== null) throw new Error(`The server ended at once:\n${this.output}`);
      if (Date.now() > until) throw new Error(`The server was not ready in ${READY_MS} ms:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/actuator/health/readiness`)).ok;
    } catch {
      return false;
    }
  }

  /** kill -9 of the server's process: no time for any goodbye. */
  async kill(): Promise<void> {
    const pid = Number(/^pid=(\d+)$/m.exec(readFileSync(path.join(this.data, 'run.properties'), 'utf8'))?.[1]);
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    process.kill(pid, 'SIGKILL');
    await gone;
  }

  /** Starts again on the same data folder and port. */
  async restart(): Promise<void> {
    await this.launch();
  }

  /** Runs a command of the launcher on this server's data folder; returns its output. */
  command(...args: string[]): { code: number; output: string } {
    const done = spawnSync(path.join(root, 'cybershield'), [...args, '--data', this.data], { encoding: 'utf8' });
    return { code: done.status ?? -1, output: done.stdout + done.stderr };
  }

  /** A command that needs no server. */
  offline(...args: string[]): { code: number; output: string } {
    const done = spawnSync(path.join(root, 'cybershield'), args, { encoding: 'utf8' });
    return { code: done.status ?? -1, output: done.stdout + done.stderr };
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
