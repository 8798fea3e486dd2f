/**
 * Names for what the server answers, under /api/v1. All of it is generated from docs/openapi.json ("npm run api");
 * only what goes over the WebSocket is put together here.
 */
import type { components } from './api.gen';

type Schemas = components['schemas'];

/** One page of a list; `next` is the cursor of the following one, null on the last. */
export type Page<T> = { items: T[]; next: string | null };
export type ProblemView = Schemas['Problem'];

// asset
export type AssetView = Schemas['AssetView'];

// access
export type SessionView = Schemas['SessionView'];
export type CompanyKeyView = Schemas['CompanyKeyView'];
export type CompanyKeyVersionView = Schemas['CompanyKeyVersionView'];
export type CustodyView = Schemas['CustodyView'];
export type CompanyExportView = Schemas['CompanyExportView'];
export type LegalHoldView = Schemas['LegalHoldView'];
export type Role = Schemas['UserView']['role'];
export type Permission = SessionView['permissions'][number];
export type UserView = Schemas['UserView'];
export type AccountView = Schemas['AccountView'];
export type BrowserSessionView = Schemas['BrowserSessionView'];
export type StoodOutView = Schemas['StoodOutView'];
export type RoleView = Schemas['RoleView'];
export type PoliciesView = Schemas['PoliciesView'];
export type WhatIfView = Schemas['WhatIfView'];
export type KeyView = Schemas['ApiKeyView'];
/** The only answer that carries a key's secret; it cannot be read again. */
export type NewKeyView = Schemas['NewApiKeyView'];
export type ServiceView = Schemas['ServiceView'];
export type ApplicationView = Schemas['OauthClientView'];
/** The only answer that carries an application's secret; it cannot be read again. */
export type NewApplicationView = Schemas['NewOauthClientView'];
export type AuthorizationQuestion = Schemas['OauthQuestion'];
export type AskedView = Schemas['OauthAskedView'];
export type GrantView = Schemas['OauthGrantView'];
export type DirectoryGroupView = Schemas['DirectoryGroupView'];
export type CustomerView = Schemas['Customer'];
export type CustomerIncidentView = Schemas['CustomerIncident'];
export type DelegationRequestView = Schemas['DelegationRequest'];
/** The only answer that carries the code for a customer. */
export type DelegationAskedView = Schemas['DelegationAsked'];
export type ProviderPersonView = Schemas['ProviderPerson'];
export type ProviderQuestionView = Schemas['ProviderQuestion'];
export type ProviderGrantView = Schemas['ProviderGrant'];
export type IdentityProviderView = Schemas['IdentityProviderView'];
export type ProviderRequest = Schemas['ProviderRequest'];
export type ProviderTestView = Schemas['TestView'];
export type LookView = Schemas['LookView'];
export type BrandingView = Schemas['BrandingView'];
export type BrandRequest = Schemas['BrandRequest'];
export type ColourView = Schemas['ColourView'];
export type SessionBoundsView = Schemas['BoundsView'];
export type FactorConfirmed = Schemas['ConfirmedView'];
export type PasskeyView = Schemas['PasskeyView'];
export type PasskeyToMake = Schemas['PasskeyToMake'];
export type PasskeyToShow = Schemas['PasskeyToShow'];
export type PasskeyAssertion = Schemas['PasskeyAssertion'];
export type PasskeyAttestation = Schemas['PasskeyAttestation'];

// billing
export type BillingView = Schemas['BillingView'];
export type EventRetention = Schemas['EventRetention'];
export type PlanChoice = Schemas['PlanChoice'];
export type PlanMeter = Schemas['PlanMeter'];
export type PlanOffer = Schemas['PlanOffer'];
export type Invoice = Schemas['Invoice'];

// ingest
export type SourceView = Schemas['SourceView'];
export type SourceKind = SourceView['kind'];
/** The only answer that carries a token; it cannot be read again. */
export type SourceToken = Schemas['SourceToken'];
export type UploadView = Schemas['UploadView'];
export type EventView = Schemas['EventView'];
export type EventHistogram = Schemas['EventHistogram'];

// detection
export type RuleView = Schemas['RuleView'];
export type RuleDetail = Schemas['RuleDetail'];
export type FindingView = Schemas['FindingView'];
export type Severity = FindingView['severity'];

// incident
export type IncidentView = Schemas['IncidentView'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type IncidentState = IncidentView['state'];
export type TimelineEntry = Schemas['TimelineEntry'];

// workflow
export type NodeTypeView = Schemas['NodeTypeView'];
export type PortView = Schemas['PortView'];
export type WorkflowView = Schemas['WorkflowView'];
export type WorkflowDetail = Schemas['WorkflowDetail'];
export type WorkflowProblem = Schemas['WorkflowProblem'];
export type Definition = Schemas['Drawing'];
export type NodeDefinition = Schemas['NodeDefinition'];
export type EdgeDefinition = Schemas['EdgeDefinition'];
export type RunView = Schemas['RunView'];
export type RunDetail = Schemas['RunDetail'];
export type RunMove = Schemas['RunMove'];
export type StepView = Schemas['StepView'];
export type StepState = StepView['state'];
export type DrawingDiff = Pick<Schemas['WorkflowDiff'], 'about' | 'edges' | 'nodes'>;
export type BundleSight = Schemas['BundleSight'];
export type BundlePart = Schemas['BundlePart'];
export type BundleKeyView = Schemas['BundleKeyView'];
export type OverallInsights = Schemas['OverallInsights'];
export type MoveSight = Schemas['MoveSight'];
export type MoveReport = Schemas['MoveReport'];
export type RunOptions = Schemas['RunOptions'];
export type DeadLetterView = Schemas['DeadLetterView'];
export type DeadLetterSelection = Schemas['DeadLetterSelection'];
export type ConnectionView = Schemas['ConnectionView'];
export type TriggerView = Schemas['TriggerView'];
export type RunLimits = Schemas['RunLimits'];
export type TenantRunLimit = Schemas['TenantRunLimit'];
export type RunLimitsChange = Schemas['RunLimitsChange'];
export type ApprovalView = Schemas['ApprovalView'];
export type ApprovalStanding = Schemas['ApprovalStanding'];
export type ApprovalStage = Schemas['ApprovalStage'];
export type ApprovalTemplate = Schemas['TemplateView'];
export type HumanTask = Schemas['HumanTask'];
export type HumanTaskDetail = Schemas['HumanTaskDetail'];
export type SimulatedEndpoint = Schemas['SimulatedEndpoint'];
export type SecretView = Schemas['SecretView'];
export type WorkflowDiff = Schemas['WorkflowDiff'];
export type BenchView = Schemas['BenchView'];
export type TryRequest = Schemas['TryRequest'];
export type TryView = Schemas['TryView'];
export type WorkflowInsights = Schemas['WorkflowInsights'];

// audit, overview
export type AuditView = Schemas['AuditView'];
export type OverviewView = Schemas['OverviewView'];
export type OverviewRange = NonNullable<
  NonNullable<import('./api.gen').operations['overview.overview']['parameters']['query']>['range']
>;

// live
/** Only on the socket, which OpenAPI does not describe. */
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
  | LiveFrame<'task.changed', HumanTask>
  | LiveFrame<'overview.tick', OverviewTick>
  | LiveFrame<'upload.changed', UploadView>
  | LiveFrame<'audit.appended', AuditView>
  | LiveFrame<'look.changed', object>;
export type LiveTopic =
  | 'incidents'
  | 'findings'
  | 'runs'
  | `run:${string}`
  | 'approvals'
  | 'tasks'
  | 'overview'
  | 'uploads'
  | 'audit'
  | 'look';
