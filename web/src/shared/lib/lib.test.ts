import { describe, expect, test } from 'vitest';
import { age, bytes, dueIn, duration, rate } from './format';
import { keyCaps, matchesKey, typing } from './keys';
import { severityOf } from './severity';
import { addTicks, emptyWindow, seedWindow, WINDOW } from './ticks';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const ago = (s: number) => new Date(NOW - s * 1000).toISOString();

describe('format', () => {
  test('an age is in its largest unit', () => {
    expect([5, 59, 60, 3599, 3600, 86_399, 86_400, 200_000].map((s) => age(ago(s), NOW))).toEqual([
      'now',
      'now',
      '1m',
      '59m',
      '1h',
      '23h',
      '1d',
      '2d',
    ]);
    expect(age(ago(-30), NOW)).toBe('now');
  });
  test('a deadline that has passed is overdue', () => {
    expect([1, 0, -30, -540, -7200, -200_000].map((s) => dueIn(ago(s), NOW))).toEqual([
      'overdue',
      'overdue',
      'due in under a minute',
      'due in 9 min',
      'due in 2 h',
      'due in 2 d',
    ]);
  });
  test('a duration picks its units', () => {
    expect([0, 40, 1240, 254_000, 3_600_000, 90_000_000].map(duration)).toEqual([
      '0 ms',
      '40 ms',
      '1.2 s',
      '4 m 14 s',
      '1 h 0 m',
      '1 d 1 h',
    ]);
  });
  test('sizes and rates keep a decimal only where it says something', () => {
    expect([999, 1500, 20_000_000, 3_200_000_000].map(bytes)).toEqual(['999 B', '1.5 kB', '20 MB', '3.2 GB']);
    expect([0, 0.44, 213.4, 12_840].map(rate)).toEqual(['0', '0.4', '213', '12,840']);
  });
});

test('OCSF severities beyond the five become the nearest of ours', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 99].map(severityOf)).toEqual([
    'info',
    'info',
    'low',
    'medium',
    'high',
    'critical',
    'critical',
    'info',
  ]);
});

describe('keys', () => {
  const key = (key: string, mods: Partial<KeyboardEvent> = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...mods,
  });
  test('a letter is not the same with Shift or Ctrl', () => {
    expect(matchesKey(key('l'), 'L')).toBe(true);
    expect(matchesKey(key('L', { shiftKey: true }), 'L')).toBe(false);
    expect(matchesKey(key('D', { shiftKey: true }), 'shift+D')).toBe(true);
    expect(matchesKey(key('s', { ctrlKey: true }), 'mod+S')).toBe(true);
    expect(matchesKey(key('s', { metaKey: true }), 'mod+S')).toBe(true);
    expect(matchesKey(key('s'), 'mod+S')).toBe(false);
    expect(matchesKey(key('l', { altKey: true }), 'L')).toBe(false);
  });
  test('a sign may need Shift on some keyboards', () => {
    expect(matchesKey(key('?', { shiftKey: true }), '?')).toBe(true);
    expect(matchesKey(key('/'), '/')).toBe(true);
    expect(matchesKey(key('Delete'), 'Delete')).toBe(true);
  });
  test('single letters are off in fields and dialogs', () => {
    document.body.innerHTML =
      '<input id="a"><div role="dialog"><button id="b"></button></div><button id="c"></button>';
    const on = (id: string) => {
      let seen = false;
      const el = document.getElementById(id) as HTMLElement;
      el.addEventListener('keydown', (e) => {
        seen = typing(e);
      });
      el.dispatchEvent(new KeyboardEvent('keydown', { key: 'l', bubbles: true }));
      return seen;
    };
    expect([on('a'), on('b'), on('c')]).toEqual([true, true, false]);
  });
  test('caps are drawn as they stand on the keyboard', () => {
    expect([keyCaps('mod+S'), keyCaps('G o'), keyCaps('shift+D')]).toEqual([
      ['Ctrl', 'S'],
      ['G', 'O'],
      ['Shift', 'D'],
    ]);
  });
});

describe('ticks', () => {
  test('begin with what the server counted before the page was opened, and count nothing twice', () => {
    const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
    const known = [{ ...none, high: 4 }, none, { ...none, high: 2, low: 1 }];
    const w = addTicks(emptyWindow(NOW), [{ eventsPerSecond: 1, findings: { ...none, high: 2 } }], NOW);
    const seeded = seedWindow(seedWindow(w, known, NOW), known, NOW);
    expect(seeded.slice(-4).map((k) => [k.high, k.low])).toEqual([
      [0, 0],
      [4, 0],
      [0, 0],
      [2, 1],
    ]);
  });
  const tick = (critical: number) => ({
    eventsPerSecond: 1,
    findings: { critical, high: 0, medium: 0, low: 0, info: 0 },
  });
  test('the window always spans the same time and drops what is older', () => {
    let w = emptyWindow(NOW);
    expect(w.length).toBe(WINDOW);
    w = addTicks(w, [tick(5)], NOW);
    expect(w.at(-1)?.critical).toBe(5);
    w = addTicks(w, [tick(1)], NOW + 10_000);
    expect(w.length).toBe(WINDOW);
    expect(w.at(-11)?.critical).toBe(5);
    expect(w.slice(-10, -1).every((k) => k.critical === 0)).toBe(true);
    w = addTicks(w, [tick(0)], NOW + 10_000 + WINDOW * 1000);
    expect(w.reduce((n, k) => n + k.critical, 0)).toBe(0);
  });
  test('several at once are spread over the seconds before, and no finding is lost', () => {
    let w = addTicks(emptyWindow(NOW), [tick(1), tick(2), tick(3)], NOW);
    expect(w.slice(-3).map((k) => k.critical)).toEqual([1, 2, 3]);
    w = addTicks(w, [tick(4)], NOW + 300);
    expect(w.at(-1)?.critical).toBe(7);
  });
});
