import { http } from './http';
import type {
  PasskeyAssertion,
  PasskeyAttestation,
  PasskeyToMake,
  PasskeyToShow,
  SessionView,
} from './types';

/** Why a browser made or showed no passkey; the person ended it, or it has none that fits. */
export class PasskeyEnded extends Error {
  constructor(readonly why: 'ended' | 'known' | 'unable') {
    super(why);
    this.name = 'PasskeyEnded';
  }
}

/** Where passkeys can be used, as seen from this page. */
export type PasskeyPlace =
  | { at: 'here' }
  | { at: 'elsewhere'; origin: string }
  | { at: 'nowhere' | 'browser' };

export function passkeyPlace({ passkeyOrigin }: SessionView): PasskeyPlace {
  if (!passkeyOrigin) return { at: 'nowhere' };
  if (passkeyOrigin !== window.location.origin) return { at: 'elsewhere', origin: passkeyOrigin };
  return 'PublicKeyCredential' in window ? { at: 'here' } : { at: 'browser' };
}

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
const known = (passkeys: PasskeyToShow['allow']): PublicKeyCredentialDescriptor[] =>
  passkeys.map(({ id, transports }) => ({
    type: 'public-key',
    id: bytes(id),
    transports: transports as AuthenticatorTransport[],
  }));

async function ceremony(run: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await run();
    if (credential) return credential as PublicKeyCredential;
  } catch (e) {
    const name = e instanceof DOMException ? e.name : '';
    if (name === 'InvalidStateError') throw new PasskeyEnded('known');
    if (name !== 'NotAllowedError' && name !== 'AbortError') throw new PasskeyEnded('unable');
  }
  throw new PasskeyEnded('ended');
}

async function make(asked: PasskeyToMake): Promise<PasskeyAttestation> {
  const made = await ceremony(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytes(asked.challenge),
        rp: { id: asked.rpId, name: 'CyberShield' },
        user: {
          id: bytes(asked.userHandle),
          name: asked.userName,
          displayName: asked.userDisplayName,
        },
        pubKeyCredParams: asked.algorithms.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: known(asked.exclude),
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required',
        },
        attestation: 'none',
        timeout: asked.timeoutMs,
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  };
}

async function show(asked: PasskeyToShow): Promise<PasskeyAssertion> {
  const shown = await ceremony(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: bytes(asked.challenge),
        rpId: asked.rpId,
        allowCredentials: known(asked.allow),
        userVerification: 'required',
        timeout: asked.timeoutMs,
      },
    }),
  );
  const response = shown.response as AuthenticatorAssertionResponse;
  return {
    credentialId: text(shown.rawId),
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    ...(response.userHandle ? { userHandle: text(response.userHandle) } : {}),
  };
}

/** Both factors at once. */
export const signInByPasskey = async () =>
  http.post('/sign-in/passkey', await show(await http.post('/sign-in/passkey-challenge')));
/** The second factor, after the password. */
export const answerByPasskey = async () =>
  http.post('/passkey/answer', await show(await http.post('/passkey/challenge')));
/** The first second factor. */
export const setUpPasskey = async () =>
  http.post('/passkey/confirm', await make(await http.post('/passkey/setup')));
export const addPasskey = async (asked: PasskeyToMake, name: string) =>
  http.post('/account/passkeys', { ...(await make(asked)), ...(name ? { name } : {}) });
/** Confirms the session at hand for five minutes. */
export const confirmByPasskey = async () =>
  http.post('/account/step-up', { passkey: await show(await http.post('/account/step-up/challenge')) });
