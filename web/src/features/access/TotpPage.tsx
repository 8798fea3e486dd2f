import { Button, Checkbox, TextInput, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http, isProblem, type Problem } from '@/shared/client/http';
import { answerByPasskey, passkeyPlace, setUpPasskey } from '@/shared/client/passkey';
import { queryClient } from '@/shared/client/query';
import { sessionQuery, useSession } from '@/shared/client/session';
import type { FactorConfirmed, SessionView } from '@/shared/client/types';
import { useForm } from '@/shared/lib/useForm';
import { CopyButton } from '@/shared/ui/CopyButton';
import { Loading } from '@/shared/ui/Loading';
import { PasskeyButton, PasskeyNotHere } from '@/shared/ui/PasskeyButton';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import css from './Access.module.css';
import { AccessFrame } from './AccessFrame';
import { AfterSignIn } from './AfterSignIn';
import { digits, missing } from './checks';
import { RecoveryCodeList } from './RecoveryCodeList';
import { SubmitButton } from './SubmitButton';

/** Second factor: set it up at the first sign-in, answer with it at every later one. */
export function TotpPage() {
  const { next } = useSearch({ from: '/open/totp' });
  const before = useSession().state;
  const [confirmed, setConfirmed] = useState<FactorConfirmed | null>(null);
  const [session, setSession] = useState<SessionView | null>(null);
  if (session) return <AfterSignIn session={session} next={next} />;
  if (confirmed)
    return <RecoveryCodes codes={confirmed.recoveryCodes} onDone={() => setSession(confirmed.session)} />;
  switch (before) {
    case 'mfa-setup':
      return <Choose onConfirmed={setConfirmed} />;
    case 'mfa-challenge':
      return <Challenge onSession={setSession} />;
    case 'active':
      return <Navigate to="/" {...(next ? { href: next } : {})} replace />;
    case 'suspended':
      return <Navigate to="/suspended" replace />;
    case 'anonymous':
      return <Navigate to="/sign-in" search={next ? { next } : {}} replace />;
  }
}

function SomeoneElse(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const leave = async () => {
    try {
      await http.post('/sign-out');
      queryClient.removeQueries();
      await queryClient.fetchQuery(sessionQuery);
      await navigate({ to: '/sign-in' });
    } catch (e) {
      toast.failed(e);
    }
  };
  return (
    <UnstyledButton className={css.link} onClick={() => void leave()}>
      {t('access.someoneElse')}
    </UnstyledButton>
  );
}

/** A passkey or an app; only the app where passkeys cannot be used. */
function Choose({ onConfirmed }: { onConfirmed: (c: FactorConfirmed) => void }) {
  const { t } = useTranslation();
  const place = passkeyPlace(useSession());
  const [app, setApp] = useState(false);
  if (place.at !== 'here')
    return <SetUp onConfirmed={onConfirmed} aside={<PasskeyNotHere place={place} />} />;
  const other = (label: string) => (
    <UnstyledButton className={css.link} onClick={() => setApp(!app)}>
      {t(label)}
    </UnstyledButton>
  );
  if (app) return <SetUp onConfirmed={onConfirmed} aside={other('access.setUp.usePasskey')} />;
  return (
    <AccessFrame title={t('access.setUp.title')} text={t('access.setUp.choose')} foot={<SomeoneElse />}>
      <div className={css.form}>
        <ul className={css.why}>
          {['easy', 'phishing', 'kept'].map((why) => (
            <li key={why}>{t(`access.setUp.why.${why}`)}</li>
          ))}
        </ul>
        <PasskeyButton
          label={t('access.setUp.passkey')}
          run={setUpPasskey}
          done={onConfirmed}
          size="sm"
          fullWidth
        />
        <div>{other('access.setUp.useApp')}</div>
      </div>
    </AccessFrame>
  );
}

function SetUp({ onConfirmed, aside }: { onConfirmed: (c: FactorConfirmed) => void; aside: ReactNode }) {
  const { t } = useTranslation();
  // The secret is made once per visit; fetching it again would make the code just scanned a wrong one.
  const setup = useQuery({
    queryKey: ['totp', 'setup'],
    queryFn: () => http.post('/totp/setup'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const f = useForm({
    initial: { code: '' },
    check: (v) => missing(v, t),
    send: (v) => http.post('/totp/confirm', v),
    done: onConfirmed,
    sole: 'code',
    explain: wrongCode(t),
  });
  useStepAgain(setup.error ?? f.problem);
  return (
    <AccessFrame title={t('access.setUp.title')} text={t('access.setUp.text')} foot={<SomeoneElse />}>
      {setup.error && (
        <div className={css.form}>
          <ProblemNotice problem={setup.error} onRetry={() => void setup.refetch()} />
        </div>
      )}
      {setup.isPending && <Loading />}
      {setup.data && (
        <form className={css.form} {...f.form}>
          <ol className={css.steps}>
            <li>
              <p>{t('access.setUp.scan')}</p>
              <img
                className={css.qr}
                src={`data:image/svg+xml,${encodeURIComponent(setup.data.qrSvg)}`}
                alt={t('access.setUp.qr')}
              />
            </li>
            <li>
              <p>{t('access.setUp.type')}</p>
              <div className={css.secret}>
                <code>{setup.data.secret}</code>
                <CopyButton text={setup.data.secret} />
              </div>
            </li>
          </ol>
          {f.problem !== null && <ProblemNotice problem={f.problem} />}
          <CodeInput f={f} label={t('access.setUp.code')} />
          <SubmitButton label={t('access.setUp.submit')} busy={f.busy} wait={f.wait} />
          <div>{aside}</div>
        </form>
      )}
    </AccessFrame>
  );
}

const wrongCode = (t: (key: string) => string) => (p: Problem) =>
  p.is('wrong-credentials') ? t('access.challenge.wrong') : undefined;

/** Another tab went on, or the half-finished session is over: the session says which step is next. */
function useStepAgain(problem: unknown) {
  const again = isProblem(problem) && (problem.is('wrong-step') || problem.is('not-signed-in'));
  useEffect(() => {
    if (again) void queryClient.invalidateQueries(sessionQuery);
  }, [again]);
}

type CodeForm = ReturnType<typeof useForm<{ code: string }, FactorConfirmed | SessionView>>;

/** Sends by itself when the sixth digit is in. */
function CodeInput({ f, label }: { f: Pick<CodeForm, 'field' | 'set' | 'submit'>; label: string }) {
  return (
    <TextInput
      label={label}
      className={css.code}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={11}
      autoFocus
      {...f.field('code')}
      onChange={(e) => {
        const code = digits(e.currentTarget.value);
        f.set('code', code);
        if (code.length === 6) void f.submit({ code });
      }}
    />
  );
}

type Way = 'passkey' | 'app' | 'recovery';

function Challenge({ onSession }: { onSession: (s: SessionView) => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const place = passkeyPlace(session);
  const hasPasskey = session.factors.includes('passkey');
  const ways: Way[] = [
    ...(hasPasskey && place.at === 'here' ? (['passkey'] as const) : []),
    ...(session.factors.includes('totp') ? (['app'] as const) : []),
    'recovery',
  ];
  const [chosen, setChosen] = useState<Way | null>(null);
  const way = chosen ?? ways[0] ?? 'recovery';
  const f = useForm({
    initial: { code: '' },
    check: (v) => missing(v, t),
    send: (v) => http.post(way === 'recovery' ? '/sign-in/recovery' : '/sign-in/totp', v),
    done: onSession,
    sole: 'code',
    explain: wrongCode(t),
  });
  useStepAgain(f.problem);
  return (
    <AccessFrame
      title={t(way === 'passkey' ? 'access.challenge.passkeyTitle' : 'access.challenge.title')}
      text={t(`access.challenge.${TEXT[way]}`)}
      foot={<SomeoneElse />}
    >
      <form className={css.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        {way === 'passkey' && (
          <PasskeyButton
            label={t('access.challenge.passkey')}
            run={answerByPasskey}
            done={onSession}
            size="sm"
            fullWidth
          />
        )}
        {way === 'recovery' && (
          <TextInput
            label={t('access.challenge.recoveryCode')}
            className={css.recovery}
            size="sm"
            autoComplete="off"
            autoFocus
            {...f.field('code')}
          />
        )}
        {way === 'app' && <CodeInput f={f} label={t('access.challenge.code')} />}
        {way !== 'passkey' && (
          <SubmitButton label={t('access.challenge.submit')} busy={f.busy} wait={f.wait} />
        )}
        {hasPasskey && place.at !== 'here' && <PasskeyNotHere place={place} />}
        {ways
          .filter((other) => other !== way)
          .map((other) => (
            <div key={other}>
              <UnstyledButton
                className={css.link}
                onClick={() => {
                  f.set('code', '');
                  setChosen(other);
                }}
              >
                {t(`access.challenge.${USE[other]}`)}
              </UnstyledButton>
            </div>
          ))}
      </form>
    </AccessFrame>
  );
}

const TEXT = { passkey: 'passkeyText', app: 'text', recovery: 'recoveryText' } as const;
const USE = { passkey: 'usePasskey', app: 'useCode', recovery: 'useRecovery' } as const;

function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const [kept, setKept] = useState(false);
  return (
    <AccessFrame title={t('access.recovery.title')} text={t('access.recovery.text')}>
      <RecoveryCodeList codes={codes} />
      <div className={css.form}>
        <Checkbox
          label={t('access.recovery.kept')}
          checked={kept}
          onChange={(e) => setKept(e.currentTarget.checked)}
        />
        <Button size="sm" fullWidth disabled={!kept} onClick={onDone}>
          {t('access.recovery.continue')}
        </Button>
      </div>
    </AccessFrame>
  );
}
