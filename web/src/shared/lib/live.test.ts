import { beforeEach, describe, expect, test } from 'vitest';
import type { LiveMessage } from '@/shared/client/types';
import { backoff, LiveClient, type LiveStatus } from './live';

/** A socket whose other end is the test. */
class FakeSocket {
  readyState: 0 | 1 | 2 | 3 = 0;
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: ((e: Event) => void) | null = null;
  onmessage: ((e: MessageEvent) => void) | null = null;
  onclose: ((e: CloseEvent) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.closed = true;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }
  say(frame: object | string) {
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame);
    this.onmessage?.(new MessageEvent('message', { data }));
  }
  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.(Object.assign(new Event('close'), { code }) as CloseEvent);
  }
}

let sockets: FakeSocket[];
let timers: { ms: number; run: () => void; cancelled: boolean }[];
let frames: (() => void)[];
let statuses: LiveStatus[];
let suspicions: number;
let client: LiveClient;
const socket = () => sockets.at(-1) as FakeSocket;
/** Lets the timers that are due run, once each. */
const elapse = () => {
  const due = timers.filter((t) => !t.cancelled);
  timers = [];
  for (const t of due) t.run();
};
const paint = () => {
  const due = frames;
  frames = [];
  for (const run of due) run();
};
const message = (topic: string, id: string) => ({ topic, id, type: 'audit.appended', data: {} });
function listener() {
  const log = { batches: [] as string[][], resyncs: 0, denied: [] as string[] };
  return {
    log,
    handler: {
      onMessages: (m: LiveMessage[]) => log.batches.push(m.map((x) => x.id)),
      onResync: () => {
        log.resyncs++;
      },
      onDenied: (detail: string) => log.denied.push(detail),
    },
  };
}

beforeEach(() => {
  sockets = [];
  timers = [];
  frames = [];
  statuses = [];
  suspicions = 0;
  client = new LiveClient(
    {
      open: () => {
        const s = new FakeSocket();
        sockets.push(s);
        return s;
      },
      later: (ms, run) => {
        const timer = { ms, run, cancelled: false };
        timers.push(timer);
        return () => {
          timer.cancelled = true;
        };
      },
      soon: (run) => frames.push(run),
      random: () => 1,
    },
    (s) => statuses.push(s),
    () => suspicions++,
  );
});

describe('subscriptions', () => {
  test('are asked for once a topic, however many listen, and left with the last', () => {
    client.start();
    socket().accept();
    const leaveA = client.subscribe('audit', listener().handler);
    const leaveB = client.subscribe('audit', listener().handler);
    leaveA();
    expect(socket().sent).toEqual([{ op: 'subscribe', topic: 'audit' }]);
    leaveB();
    leaveB();
    expect(socket().sent.slice(1)).toEqual([{ op: 'unsubscribe', topic: 'audit' }]);
  });

  test('made before the connection stands are asked for when it does', () => {
    client.start();
    client.subscribe('runs', listener().handler);
    expect(socket().sent).toEqual([]);
    socket().accept();
    expect(socket().sent).toEqual([{ op: 'subscribe', topic: 'runs' }]);
  });

  test('that are refused say why, also to whoever comes later', () => {
    client.start();
    socket().accept();
    const first = listener();
    client.subscribe('audit', first.handler);
    socket().say({ op: 'denied', topic: 'audit', detail: 'needs audit:read' });
    const second = listener();
    client.subscribe('audit', second.handler);
    expect([first.log.denied, second.log.denied]).toEqual([['needs audit:read'], ['needs audit:read']]);
  });
});

describe('messages', () => {
  test('of one frame come as one batch, in their order, each topic to its own listeners', () => {
    client.start();
    socket().accept();
    const audit = listener();
    const runs = listener();
    client.subscribe('audit', audit.handler);
    client.subscribe('runs', runs.handler);
    for (const [topic, id] of [
      ['audit', '1'],
      ['runs', '2'],
      ['audit', '3'],
    ] as const)
      socket().say(message(topic, id));
    expect(frames.length).toBe(1);
    paint();
    expect(audit.log.batches).toEqual([['1', '3']]);
    expect(runs.log.batches).toEqual([['2']]);
  });

  test('that are no JSON, or of a topic that nobody asked for, do no harm', () => {
    client.start();
    socket().accept();
    const a = listener();
    client.subscribe('audit', a.handler);
    socket().say('{');
    socket().say(message('other', '1'));
    socket().say(message('audit', '2'));
    paint();
    expect(a.log.batches).toEqual([['2']]);
  });
});

describe('a lost connection', () => {
  test('is taken up again after the last message seen', () => {
    client.start();
    socket().accept();
    const a = listener();
    client.subscribe('audit', a.handler);
    socket().say(message('audit', '7'));
    socket().drop();
    elapse();
    socket().accept();
    expect(sockets.length).toBe(2);
    expect(socket().sent).toEqual([{ op: 'subscribe', topic: 'audit', after: '7' }]);
    expect(a.log.resyncs).toBe(0);
    expect(statuses).toEqual(['connecting', 'live', 'reconnecting', 'live']);
  });

  test('means a refetch for a topic of which nothing was seen', () => {
    client.start();
    socket().accept();
    const a = listener();
    client.subscribe('audit', a.handler);
    expect(a.log.resyncs).toBe(0);
    socket().drop();
    elapse();
    socket().accept();
    expect(a.log.resyncs).toBe(1);
  });

  test('means a refetch when the server cannot resume, and the next time it starts anew', () => {
    client.start();
    socket().accept();
    const a = listener();
    client.subscribe('audit', a.handler);
    socket().say(message('audit', '7'));
    socket().say({ op: 'resync', topic: 'audit' });
    expect(a.log.resyncs).toBe(1);
    socket().drop();
    elapse();
    socket().accept();
    expect(socket().sent).toEqual([{ op: 'subscribe', topic: 'audit' }]);
  });

  test('is noticed by silence: a ping without any answer closes it', () => {
    client.start();
    const first = socket();
    first.accept();
    elapse();
    expect(first.sent).toEqual([{ op: 'ping' }]);
    elapse();
    expect(first.closed).toBe(true);
    expect(statuses.at(-1)).toBe('reconnecting');
    elapse();
    expect(sockets.length).toBe(2);
  });

  test('when the server says that the session ended, the session is asked for before another connection', () => {
    client.start();
    socket().accept();
    socket().drop(4401);
    expect([suspicions, sockets.length]).toEqual([0, 1]);
    elapse();
    expect([suspicions, sockets.length]).toEqual([1, 1]);
    elapse();
    expect([suspicions, sockets.length]).toEqual([1, 2]);
  });

  test('waits longer each time, with a ceiling, and raises suspicion at the third', () => {
    client.start();
    for (let i = 0; i < 3; i++) {
      socket().drop();
      if (i < 2) elapse();
    }
    expect(suspicions).toBe(1);
    const waits = [0, 1, 2, 3, 4, 5, 6, 7, 20].map((n) => backoff(n, 1));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
    expect(backoff(3, 0)).toBe(2000);
  });

  test('is not taken up again after stop, nor are late words of it heard', () => {
    client.start();
    const old = socket();
    old.accept();
    const a = listener();
    client.subscribe('audit', a.handler);
    client.stop();
    old.say(message('audit', '1'));
    old.drop();
    elapse();
    paint();
    expect(sockets.length).toBe(1);
    expect(a.log.batches).toEqual([]);
    expect(statuses.at(-1)).toBe('off');
  });
});
