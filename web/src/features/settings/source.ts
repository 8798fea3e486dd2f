import type { SourceKind, SourceView } from '@/shared/client/types';

/** An active source that sent nothing for this long is called silent. */
const SILENT_AFTER_MS = 60 * 60 * 1000;

export function sourceStatus(s: SourceView, now: number): 'active' | 'silent' | 'revoked' {
  if (s.state === 'revoked') return 'revoked';
  if (s.kind === 'upload') return 'active';
  const last = Date.parse(s.lastReceivedAt ?? s.createdAt);
  return now - last > SILENT_AFTER_MS ? 'silent' : 'active';
}

export type Recipe = { id: string; command: string };

/** Commands to paste on the sending machine, for the doors that this kind of source uses. */
export function recipes(kind: SourceKind, sourceId: string, token: string, origin: string): Recipe[] {
  const url = `${origin}/api/v1/ingest/${sourceId}`;
  const curl = (type: string, file: string) =>
    [
      `curl --fail-with-body -X POST '${url}' \\`,
      `  -H 'Authorization: Bearer ${token}' \\`,
      `  -H 'Content-Type: ${type}' \\`,
      `  --data-binary @${file}`,
    ].join('\n');
  const zipped = [
    `gzip -c events.jsonl | curl --fail-with-body -X POST '${url}' \\`,
    `  -H 'Authorization: Bearer ${token}' \\`,
    "  -H 'Content-Type: application/x-ndjson' -H 'Content-Encoding: gzip' \\",
    '  --data-binary @-',
  ].join('\n');
  // A pause of a second or a thousand lines ends a batch; what could not be sent is tried again for some minutes.
  const forward = [
    '#!/bin/bash',
    'while IFS= read -r line; do',
    '  batch=$line n=1 end=$((SECONDS + 1))',
    '  while [ $n -lt 1000 ] && [ $SECONDS -le $end ] && IFS= read -r -t 1 line; do',
    "    batch+=$'\\n'$line n=$((n + 1))",
    '  done',
    `  curl -sS -f -o /dev/null --retry 9 --retry-all-errors -X POST '${url}' \\`,
    `    -H 'Authorization: Bearer ${token}' -H 'Content-Type: text/plain' --data-binary @- <<<"$batch"`,
    'done',
  ];
  const rsyslog = [
    "sudo tee /usr/local/bin/cybershield-forward >/dev/null <<'END'",
    ...forward,
    'END',
    'sudo chown root:adm /usr/local/bin/cybershield-forward',
    'sudo chmod 750 /usr/local/bin/cybershield-forward',
    "sudo tee /etc/rsyslog.d/90-cybershield.conf >/dev/null <<'END'",
    'module(load="omprog")',
    'action(type="omprog" binary="/usr/local/bin/cybershield-forward"',
    '  template="RSYSLOG_SyslogProtocol23Format" queue.type="LinkedList" queue.size="100000")',
    'END',
    'sudo systemctl restart rsyslog',
  ].join('\n');
  switch (kind) {
    case 'json':
    case 'upload':
      return [
        { id: 'json', command: curl('application/x-ndjson', 'events.jsonl') },
        { id: 'gzip', command: zipped },
      ];
    case 'windows':
      return [
        { id: 'windows', command: curl('application/x-ndjson', 'events.jsonl') },
        { id: 'gzip', command: zipped },
      ];
    case 'linux':
      return [
        { id: 'linux', command: curl('text/plain', '/var/log/auth.log') },
        { id: 'rsyslog', command: rsyslog },
      ];
    case 'syslog':
      return [
        { id: 'rsyslog', command: rsyslog },
        { id: 'syslogFile', command: curl('text/plain', '/var/log/syslog') },
      ];
  }
}
