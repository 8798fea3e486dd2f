/** The HTTP and WebSocket contract of the server, under /api/v1. Times are ISO-8601 in UTC, ids are UUIDv7. */

export interface Page<T> {
  items: T[];
  /** Cursor of the next page; null on the last one. */
  next: string | null;
}

// access
export type SessionState = 'anonymous' | 'mfa-setup' | 'mfa-challenge' | 'active';
export type Role = 'tenant-admin' | 'analyst' | 'responder' | 'workflow-author' | 'auditor';
export type Permission =
  | 'event:read'
  | 'event:ingest'
  | 'source:manage'
  | 'rule:read'
  | 'rule:manage'
  | 'finding:read'
  | 'incident:read'
  | 'incident:write'
  | 'workflow:read'
  | 'workflow:write'
  | 'workflow:publish'
  | 'workflow:run'
  | 'approval:decide'
  | 'audit:read'
  | 'user:read'
  | 'user:manage'
  | 'settings:manage';
export interface SessionView {
  state: SessionState;
  user: { id: string; name: string; email: string; role: Role } | null;
  tenant: { id: string; name: string } | null;
  permissions: Permission[];
  /** The developer mailbox is switched on. */
  developer: boolean;
  demo: boolean;
}
export interface TotpSetup {
  secret: string;
  otpauthUri: string;
  qrSvg: string;
}
export interface TotpConfirmed {
  recoveryCodes: string[];
  session: SessionView;
}
export interface UserView {
  id: string;
  name: string;
  email: string;
  role: Role;
  state: 'active' | 'invited' | 'disabled';
  mfa: boolean;
  lastSignInAt: string | null;
  createdAt: string;
}
export interface MailView {
  id: string;
  to: string;
  subject: string;
  text: string;
  sentAt: string;
  links: string[];
}

// ingest
export type SourceKind = 'json' | 'syslog' | 'windows' | 'linux' | 'upload';
export interface SourceView {
  id: string;
  name: string;
  kind: SourceKind;
  createdAt: string;
  lastReceivedAt: string | null;
  received: number;
  refused: number;
  unparsed: number;
  state: 'active' | 'revoked';
  tokenHint: string | null;
}
/** The only answer that carries a token; it cannot be read again. */
export interface SourceToken {
  source: SourceView;
  token: string;
}
export interface UploadView {
  id: string;
  fileName: string;
  bytes: number;
  state: 'reading' | 'done' | 'failed';
  records: number;
  refused: number;
  problems: { place: string; problem: string; mend: string }[];
  startedAt: string;
  endedAt: string | null;
  by: string;
}
export interface EventView {
  id: string;
  occurredAt: string;
  receivedAt: string;
  classUid: number;
  className: string;
  activity: string;
  severityId: number;
  host: string | null;
  user: string | null;
  message: string;
  sourceName: string;
  parsed: boolean;
}
export interface EventDetail extends EventView {
  ocsf: Record<string, unknown>;
  raw: string;
  findings: { id: string; title: string }[];
}
export interface EventHistogram {
  buckets: { at: string; count: number }[];
  /** Width of one bucket. */
  seconds: number;
}

// detection
export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';
export interface RuleView {
  id: string;
  ruleId: string;
  title: string;
  level: Severity;
  state: 'live' | 'refused' | 'disabled';
  logsource: string;
  tags: string[];
  file: string;
  problem: string | null;
  line: number | null;
  mend: string | null;
  hits: number;
  lastHitAt: string | null;
  origin: 'shipped' | 'imported';
}
export interface RuleDetail extends RuleView {
  text: string;
  description: string;
  author: string;
  references: string[];
}
export interface RuleSummary {
  files: number;
  loaded: number;
  refused: number;
  disabled: number;
}
export interface RuleImportView {
  id: string;
  fileName: string;
  files: number;
  loaded: number;
  refused: number;
  unchanged: number;
  refusals: { file: string; line: number | null; problem: string; mend: string }[];
  at: string;
}
export interface FindingView {
  id: string;
  occurredAt: string;
  createdAt: string;
  title: string;
  severity: Severity;
  ruleId: string;
  host: string | null;
  user: string | null;
  tags: string[];
  eventIds: string[];
  incidentId: string | null;
  why: { field: string; value: string; selection: string }[];
}

// incident
export type IncidentState = 'new' | 'investigating' | 'containing' | 'resolved' | 'closed';
export interface IncidentView {
  id: string;
  number: number;
  title: string;
  severity: Severity;
  state: IncidentState;
  host: string | null;
  owner: { id: string; name: string } | null;
  /** 0 to 100. */
  risk: number;
  findings: number;
  tags: string[];
  openedAt: string;
  lastFindingAt: string;
  approvalWaiting: boolean;
}
export interface TimelineEntry {
  id: string;
  at: string;
  kind: 'finding' | 'comment' | 'state' | 'owner' | 'severity' | 'run' | 'approval' | 'action' | 'task';
  actor: string;
  text: string;
  severity: Severity | null;
  ref: { kind: string; id: string } | null;
}
export interface TaskView {
  id: string;
  title: string;
  state: 'open' | 'done';
  createdAt: string;
  by: string;
}
export interface IncidentDetail extends IncidentView {
  summary: string;
  techniques: { id: string; name: string; tactic: string }[];
  timeline: TimelineEntry[];
  tasks: TaskView[];
  runs: { id: string; workflowName: string; state: RunState }[];
}

// workflow
export interface NodeTypeView {
  type: string;
  category: 'trigger' | 'action' | 'condition' | 'approval' | 'integration' | 'notification';
  name: string;
  description: string;
  icon: string;
  /** JSON Schema, draft 2020-12. */
  configSchema: Record<string, unknown>;
  uiSchema?: Record<string, unknown>;
  ports: { id: string; label: string }[];
  destructive: boolean;
  simulated: boolean;
}
export interface WorkflowTemplateView {
  id: string;
  name: string;
  description: string;
  nodes: number;
}
export interface WorkflowView {
  id: string;
  name: string;
  description: string;
  state: 'draft' | 'published' | 'archived';
  version: number | null;
  draftChanged: boolean;
  updatedAt: string;
  updatedBy: string;
  runs: number;
  lastRunAt: string | null;
}
export interface NodeDefinition {
  key: string;
  type: string;
  name: string;
  config: Record<string, unknown>;
  x: number;
  y: number;
  retry?: { maxAttempts: number; delaySeconds: number; backoff: 'fixed' | 'exponential' };
  timeoutSeconds?: number;
}
export interface EdgeDefinition {
  from: string;
  port: string;
  to: string;
}
export interface Definition {
  name: string;
  description: string;
  nodes: NodeDefinition[];
  edges: EdgeDefinition[];
}
export interface WorkflowDetail extends WorkflowView {
  draft: Definition;
  published: Definition | null;
  /** Sent back as If-Match when the draft is saved. */
  revision: number;
}
export interface WorkflowProblem {
  node: string | null;
  edge: number | null;
  severity: 'error' | 'warning';
  code: string;
  message: string;
  mend: string;
}
export type RunState = 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'in-doubt';
export interface RunView {
  id: string;
  number: number;
  workflowId: string;
  workflowName: string;
  version: number;
  state: RunState;
  startedAt: string;
  endedAt: string | null;
  startedBy: string;
  subject: string;
  incidentId: string | null;
  stepsDone: number;
  stepsTotal: number;
}
export type StepState =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'retry-at'
  | 'succeeded'
  | 'failed'
  | 'skipped'
  | 'cancelled'
  | 'in-doubt';
export interface StepView {
  key: string;
  name: string;
  type: string;
  state: StepState;
  startedAt: string | null;
  endedAt: string | null;
  attempts: number;
  port: string | null;
  input: Record<string, unknown> | null;
  output: Record<string, unknown> | null;
  error: string | null;
  approvalId: string | null;
}
export interface RunDetail extends RunView {
  definition: Definition;
  steps: StepView[];
  result: string | null;
}
export interface ApprovalView {
  id: string;
  runId: string;
  stepKey: string;
  workflowName: string;
  title: string;
  /** What will happen, in words. */
  action: string;
  target: string | null;
  role: Role;
  requestedAt: string;
  dueAt: string | null;
  state: 'waiting' | 'approved' | 'declined' | 'timed-out' | 'void';
  decidedBy: string | null;
  decidedAt: string | null;
  reason: string | null;
  /** Sent back with the decision, so that nobody approves an action other than the one shown. */
  actionHash: string;
  incidentId: string | null;
}
export interface SimulatedEndpoint {
  host: string;
  state: 'connected' | 'isolated';
  isolatedAt: string | null;
  by: string | null;
}

// audit
export interface AuditView {
  id: string;
  seq: number;
  at: string;
  actor: string;
  action: string;
  target: string;
  outcome: 'permitted' | 'denied' | 'failed';
  address: string | null;
  detail: Record<string, unknown>;
  hash: string;
}
export interface AuditVerification {
  entries: number;
  intact: boolean;
  firstBroken: number | null;
  head: string;
}

// overview
export type OverviewRange = '1h' | '24h' | '7d' | '30d';
export interface OverviewView {
  openIncidents: { total: number; bySeverity: Record<Severity, number> };
  findings: {
    total: number;
    previous: number;
    buckets: ({ at: string } & Record<Severity, number>)[];
    bucketSeconds: number;
  };
  events: { total: number; perSecond: number; unparsed: number; refused: number };
  meanTimeToRespondSeconds: number | null;
  runs: { total: number; succeeded: number; failed: number; waiting: number };
  tactics: { tactic: string; buckets: number[] }[];
  approvalsWaiting: number;
  sources: { total: number; silent: number };
  rules: { live: number; refused: number };
}

// live
export interface OverviewTick {
  eventsPerSecond: number;
  findings: Record<Severity, number>;
}
interface LiveFrame<Type extends string, Data> {
  topic: string;
  id: string;
  type: Type;
  data: Data;
}
export type LiveMessage =
  | LiveFrame<'incident.opened' | 'incident.changed', IncidentView>
  | LiveFrame<'finding.created', FindingView>
  | LiveFrame<'run.changed', RunView>
  | LiveFrame<'step.changed', StepView>
  | LiveFrame<'approval.opened' | 'approval.decided', ApprovalView>
  | LiveFrame<'overview.tick', OverviewTick>
  | LiveFrame<'upload.changed', UploadView>
  | LiveFrame<'audit.appended', AuditView>;
export type LiveTopic =
  | 'incidents'
  | 'findings'
  | 'runs'
  | `run:${string}`
  | 'approvals'
  | 'overview'
  | 'uploads'
  | 'audit';
