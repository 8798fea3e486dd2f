package io.cybershield.access;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong at the door. */
public final class AccessProblems {
    public static final Problem NOT_SIGNED_IN =
            Problem.define(
                    "not-signed-in",
                    "Not signed in",
                    401,
                    Category.CALLER,
                    "This address needs a session with both factors. Sign in, then repeat.");
    public static final Problem COMPANY_SUSPENDED =
            Problem.define(
                    "company-suspended",
                    "The company is suspended",
                    403,
                    Category.CALLER,
                    "Whoever runs this installation has suspended the company; 'detail' gives their"
                            + " reason. Nothing is lost: everything is as it was once they let it"
                            + " go on.");
    public static final Problem DENIED =
            Problem.define(
                    "denied",
                    "Not permitted",
                    403,
                    Category.CALLER,
                    "You are signed in, but your role does not permit this. 'permission' names what"
                            + " is needed and 'grantedBy' the roles that have it.");
    static final Problem UNKNOWN_ADDRESS =
            Problem.define(
                    "unknown-address",
                    "The server does not know this page's address",
                    403,
                    Category.CALLER,
                    "A page changes something only at the installation's public address, or at one"
                            + " that a company has proved to be its own. 'detail' names the public"
                            + " one. Whoever runs the server sets it with --public-url.");
    static final Problem CSRF =
            Problem.define(
                    "csrf",
                    "The request lacks its CSRF token",
                    403,
                    Category.CALLER,
                    "Read the cookie XSRF-TOKEN again and send its value in the header"
                            + " X-XSRF-TOKEN. The cookie changes at sign-in.");
    static final Problem WRONG_CREDENTIALS =
            Problem.define(
                    "wrong-credentials",
                    "Address, password or code is wrong",
                    401,
                    Category.CALLER,
                    "We do not say which of them. Check them and try again.");
    static final Problem TOO_MANY_ATTEMPTS =
            Problem.define(
                    "too-many-attempts",
                    "Too many attempts",
                    429,
                    Category.CAPACITY,
                    "Wait for the seconds that the header Retry-After names. Open sessions go on"
                            + " working.");
    public static final Problem LINK_USED_OR_EXPIRED =
            Problem.define(
                    "link-used-or-expired",
                    "The link was used before or is too old",
                    410,
                    Category.CALLER,
                    "Links work once and for a limited time. Ask for a new one.");
    static final Problem FRESH_CODE_NEEDED =
            Problem.define(
                    "fresh-code-needed",
                    "The second factor is needed once more",
                    403,
                    Category.CALLER,
                    "Send the code that your authenticator app shows now in 'code', each is good"
                            + " once; or show your passkey to POST /api/v1/account/step-up first,"
                            + " which counts for five minutes in this session.");
    static final Problem PASSKEYS_UNAVAILABLE =
            Problem.define(
                    "passkeys-unavailable",
                    "Passkeys do not work at this address",
                    409,
                    Category.CONFLICT,
                    "Browsers take passkeys only for a name with HTTPS, or for localhost. Start"
                            + " with --public-url and such an address.");
    static final Problem PASSKEY_REFUSED =
            Problem.define(
                    "passkey-refused",
                    "The passkey is refused",
                    422,
                    Category.CALLER,
                    "What was sent does not answer the challenge that this session was given, or"
                        + " the passkey is known already. Ask for a new challenge and try again.");
    static final Problem TOO_MANY_PASSKEYS =
            Problem.define(
                    "too-many-passkeys",
                    "Too many passkeys",
                    409,
                    Category.CONFLICT,
                    "Remove one that you no longer use, then add the new one.");
    static final Problem LAST_FACTOR =
            Problem.define(
                    "last-factor",
                    "The last second factor must stay",
                    409,
                    Category.CONFLICT,
                    "Everybody needs a second factor. Add another one first.");
    static final Problem KEY_REFUSED =
            Problem.define(
                    "key-refused",
                    "The API key does not work",
                    401,
                    Category.CALLER,
                    "The detail says why: it is unknown, revoked, too old, or comes from another"
                            + " network. Make a new key, or call from where it works.");
    static final Problem TOKEN_REFUSED =
            Problem.define(
                    "token-refused",
                    "The access token does not work",
                    401,
                    Category.CALLER,
                    "It is none of ours, is older than five minutes, or what it rests on has ended."
                            + " Ask for a new one at /oauth2/token.");
    static final Problem CLIENT_REFUSED =
            Problem.define(
                    "client-refused",
                    "The application's request is refused",
                    422,
                    Category.CALLER,
                    "What the application asked for does not fit how your company registered it."
                            + " Nothing was given to it. The detail says what is wrong.");
    static final Problem SIGN_IN_AGAIN =
            Problem.define(
                    "sign-in-again",
                    "The application wants a fresh sign-in",
                    403,
                    Category.CALLER,
                    "It asked for somebody who signed in lately ('max_age' or 'prompt=login')."
                            + " Sign out, sign in again, and answer it then.");
    static final Problem TOO_MANY_CLIENTS =
            Problem.define(
                    "too-many-clients",
                    "Too many applications",
                    409,
                    Category.CAPACITY,
                    "Revoke applications that nobody uses; each says when it was used last.");
    static final Problem TOO_MANY_KEYS =
            Problem.define(
                    "too-many-keys",
                    "Too many API keys",
                    409,
                    Category.CAPACITY,
                    "Revoke keys that nobody uses; each says when it was used last.");
    public static final Problem PROVIDER_REQUIRED =
            Problem.define(
                    "provider-required",
                    "Your company asks you to sign in with its own provider",
                    403,
                    Category.CALLER,
                    "Go back to the sign-in page, type your address, and use the button of your"
                            + " company's provider. An administrator says who has to.");
    static final Problem WRONG_PASSWORD =
            Problem.define(
                    "wrong-password",
                    "The present password is wrong",
                    403,
                    Category.CALLER,
                    "Send the password that you sign in with now in 'present'. If you forgot it,"
                            + " sign out and ask for a link to set a new one.");
    static final Problem WRONG_STEP =
            Problem.define(
                    "wrong-step",
                    "Not the step that comes next in signing in",
                    409,
                    Category.CONFLICT,
                    "GET /api/v1/session says which step the session is at.");
    public static final Problem ADDRESS_TAKEN =
            Problem.define(
                    "address-taken",
                    "The address already has an account",
                    409,
                    Category.CONFLICT,
                    "One address belongs to one account. Use another address.");
    static final Problem LAST_ADMIN =
            Problem.define(
                    "last-admin",
                    "The last administrator must stay",
                    409,
                    Category.CONFLICT,
                    "A company needs one active administrator. Make somebody else one first.");

    static final Problem TWO_ADMINISTRATORS_NEEDED =
            Problem.define(
                    "two-administrators-needed",
                    "This takes two other administrators",
                    409,
                    Category.CONFLICT,
                    "One administrator asks for a person's new second factor and another one"
                        + " agrees, neither of them the person. Where a company has no two, whoever"
                        + " runs the installation does it.");

    public static final Problem MORE_THAN_OWN =
            Problem.define(
                    "more-than-own",
                    "Nobody gives or changes more than they hold themselves",
                    403,
                    Category.CALLER,
                    "'detail' names the permissions that you lack. Ask somebody who has them, such"
                            + " as an administrator.");
    static final Problem ROLE_IN_USE =
            Problem.define(
                    "role-in-use",
                    "The role is in use",
                    409,
                    Category.CONFLICT,
                    "'detail' names the people. Give each of them another role first.");
    static final Problem ROLE_CHANGED =
            Problem.define(
                    "role-changed",
                    "Somebody else changed the role",
                    409,
                    Category.CONFLICT,
                    "Read it again and repeat your change with its present 'revision'.");
    static final Problem POLICIES_CHANGED =
            Problem.define(
                    "policies-changed",
                    "Somebody else changed the policies",
                    412,
                    Category.CONFLICT,
                    "Read them again and repeat your change with their present ETag in If-Match.");
    static final Problem POLICIES_INVALID =
            Problem.define(
                    "policies-invalid",
                    "The policies cannot be put in force",
                    422,
                    Category.CALLER,
                    "The list 'errors' names line and column and what to change.");
    static final Problem POLICIES_UNSAFE =
            Problem.define(
                    "policies-unsafe",
                    "The policies would permit what must never be",
                    422,
                    Category.CALLER,
                    "The list 'errors' tells in words what would become possible and by which"
                            + " policy. Narrow that policy.");
    static final Problem LOCKED_OUT =
            Problem.define(
                    "locked-out",
                    "The policies would lock you out",
                    422,
                    Category.CALLER,
                    "After this edit you could not undo it. Leave yourself 'settings:manage' and"
                            + " 'user:manage'.");
    static final Problem NO_PROOF =
            Problem.define(
                    "no-proof",
                    "The policies could not be proven safe",
                    503,
                    Category.OUTSIDE,
                    "The solver did not run or did not end in time, so nothing was changed. The"
                            + " log says why.");

    private AccessProblems() {}
}
