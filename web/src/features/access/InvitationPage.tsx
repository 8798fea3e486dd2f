import { EmptyState } from '@/shared/ui/EmptyState';

export function InvitationPage() {
  return <EmptyState title="Not in this build yet" text="This page is being written." />;
}
