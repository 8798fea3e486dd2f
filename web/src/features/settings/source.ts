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
  const { hostname, port, protocol } = new URL(origin);
  const tls = protocol === 'https:';
  const rsyslog = [
    'module(load="omhttp")',
    `action(type="omhttp" server="${hostname}" serverport="${port || (tls ? 443 : 80)}" usehttps="${tls ? 'on' : 'off'}"`,
    `  restpath="api/v1/ingest/${sourceId}" httpcontenttype="text/plain"`,
    `  httpheaders=["Authorization: Bearer ${token}"]`,
    '  template="RSYSLOG_SyslogProtocol23Format" batch="on" batch.format="newline"',
    '  action.resumeRetryCount="-1")',
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
