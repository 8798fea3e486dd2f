package io.cybershield.federation;

import io.cybershield.access.OutsideSignIn;
import io.cybershield.access.OutsideSignIn.Added;
import io.cybershield.access.OutsideSignIn.AddressTaken;
import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.federation.Discovery.Metadata;
import io.cybershield.federation.FederationStore.Attempt;
import io.cybershield.federation.FederationStore.Pending;
import io.cybershield.federation.IdTokens.Identity;
import io.cybershield.federation.IdTokens.Refused;
import io.cybershield.federation.ProviderCaller.NoAnswer;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problem;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.SecretBox;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Sends people to their company's provider and judges what they come back with (OpenID Connect,
 * authorization code with PKCE). Knows the browser by the secret in its cookie, and nothing else of
 * HTTP.
 */
@Component
final class ProviderSignIn {
    static final Duration LIFE = Duration.ofMinutes(10);
    private static final Logger log = LoggerFactory.getLogger(ProviderSignIn.class);
    private static final Scope PLATFORM = Scope.platform("federation");
    private static final Pattern NEXT = Pattern.compile("/(?![/\\\\])[^\\p{Cntrl}\\\\]{0,500}");

    /**
     * Plain letters only: what looks alike, or vanishes when it is written down, is somebody else.
     */
    private static final Pattern ADDRESS =
            Pattern.compile("[\\x21-\\x7e&&[^@\"<>(),;:\\\\]]{1,64}@[\\x21-\\x7e&&[^@]]{1,253}");

    private static final int LONGEST_NAME = 120;
    private static final String BACK = "/sign-in/provider/";

    private final Transactions transactions;
    private final FederationStore store;
    private final Discovery discovery;
    private final ProviderCaller caller;
    private final IdTokens tokens;
    private final OutsideSignIn outside;
    private final SecretBox secrets;
    private final AuditTrail audit;
    private final Settings settings;
    private final FederationSettings federation;
    private final Ids ids;
    private final Clock clock;

    ProviderSignIn(
            Transactions transactions,
            FederationStore store,
            Discovery discovery,
            ProviderCaller caller,
            IdTokens tokens,
            OutsideSignIn outside,
            SecretBox secrets,
            AuditTrail audit,
            Settings settings,
            FederationSettings federation,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.discovery = discovery;
        this.caller = caller;
        this.tokens = tokens;
        this.outside = outside;
        this.secrets = secrets;
        this.audit = audit;
        this.settings = settings;
        this.federation = federation;
        this.ids = ids;
        this.clock = clock;
    }

    /** What a person came back with, as the provider's answer has it. */
    record Answer(
            UUID provider,
            String state,
            @Nullable String code,
            @Nullable String error,
            @Nullable String issuer) {}

    /** What an answer opens. */
    sealed interface Opened {
        /**
         * @param bothFactors whether the provider's word counts for the second factor
         */
        record Account(
                TenantId tenant,
                UUID account,
                String provider,
                boolean bothFactors,
                @Nullable String next)
                implements Opened {}

        /** Nothing yet: the account's owner has to show that it is theirs. */
        record ToTie(String provider, String email, @Nullable String next) implements Opened {}
    }

    /** Where a provider sends people back to; nowhere else. */
    static URI back(Settings settings, UUID provider) {
        return settings.publicUrl().resolve(BACK + provider);
    }

    /** What is offered to people of that domain, whoever they are. */
    Optional<Provider> offered(String domain) {
        return Domains.read(domain)
                .flatMap(name -> transactions.callAs(PLATFORM, () -> store.offered(name)));
    }

    /**
     * Where to send the browser.
     *
     * @param browser the secret in its cookie
     * @param next where in the product the person wants to go; anything else is left out
     * @throws ProblemException {@code no-provider} or {@code provider-unreachable}
     */
    URI begin(String email, @Nullable String next, String browser) {
        String typed = email.strip();
        Provider provider =
                Domains.of(typed)
                        .flatMap(this::offered)
                        .orElseThrow(() ->
                                FederationProblems.NO_PROVIDER.because(
                                        "No company's provider takes this address."));
        Metadata metadata;
        try {
            metadata = discovery.of(provider.issuer());
        } catch (NoAnswer e) {
            throw unreachable(provider.tenant(), e);
        }
        String state = ids.secret();
        Instant now = clock.instant();
        transactions.runAs(
                PLATFORM,
                () ->
                        store.begin(
                                hash(state),
                                new Attempt(
                                        provider.tenant(),
                                        provider.id(),
                                        provider.issuer(),
                                        provider.clientId(),
                                        hash(browser),
                                        next != null && NEXT.matcher(next).matches() ? next : null),
                                now,
                                now.plus(LIFE)));
        var query = new LinkedHashMap<String, String>();
        query.put("response_type", "code");
        query.put("client_id", provider.clientId());
        query.put("redirect_uri", back(settings, provider.id()).toString());
        query.put("scope", "openid email profile");
        query.put("state", state);
        query.put("nonce", derived("nonce", state, browser));
        query.put("code_challenge", text(hash(derived("verifier", state, browser))));
        query.put("code_challenge_method", "S256");
        query.put("login_hint", typed);
        query.put("max_age", String.valueOf(federation.maxAge().toSeconds()));
        if (provider.trustsFactors() && !provider.acrValues().isEmpty()) {
            query.put("acr_values", String.join(" ", provider.acrValues()));
        }
        String at = metadata.authorization().toString();
        return URI.create(at + (at.contains("?") ? "&" : "?") + form(query));
    }

    /**
     * Judges an answer; whatever it is, its state is used up.
     *
     * @param browser the secret in the cookie, if there is one
     * @throws ProblemException {@code provider-sign-in-gone}, {@code provider-sign-in-refused} or
     *     {@code provider-unreachable}
     */
    Opened answer(Answer answer, Optional<String> browser) {
        Attempt attempt =
                transactions
                        .callAs(PLATFORM, () -> store.take(hash(answer.state()), clock.instant()))
                        .filter(a ->
                                browser.isPresent()
                                        && MessageDigest.isEqual(a.browser(), hash(browser.get())))
                        .orElseThrow(() ->
                                FederationProblems.GONE.because(
                                        "This sign-in was used, is older than ten minutes, or was"
                                                + " begun in another browser. Begin again."));
        TenantId tenant = attempt.tenant();
        Provider provider =
                transactions
                        .callAs(PLATFORM, () -> store.find(tenant))
                        .filter(p ->
                                p.id().equals(attempt.provider())
                                        && p.id().equals(answer.provider())
                                        && p.issuer().equals(attempt.issuer())
                                        && p.clientId().equals(attempt.clientId()))
                        .orElseThrow(() ->
                                refused(
                                        tenant,
                                        "the answer came back to another provider's address, or"
                                                + " the provider was changed meanwhile"));
        try {
            Metadata metadata = discovery.of(provider.issuer());
            fits(answer, metadata);
            Identity who =
                    tokens.check(
                            metadata,
                            provider.clientId(),
                            derived("nonce", answer.state(), browser.get()),
                            idToken(metadata, provider, answer, browser.get()));
            return open(provider, attempt, who, browser.get());
        } catch (Refused e) {
            throw refused(tenant, e.words());
        } catch (NoAnswer e) {
            throw unreachable(tenant, e);
        }
    }

    private static void fits(Answer answer, Metadata metadata) throws Refused {
        String from = answer.issuer();
        if (from == null ? metadata.namesItself() : !from.equals(metadata.issuer())) {
            throw new Refused("the answer is not of the issuer that was asked (iss)");
        }
        if (answer.error() != null) {
            throw new Refused(words(answer.error()));
        }
        if (answer.code() == null || answer.code().isBlank()) {
            throw new Refused("the answer has no code");
        }
    }

    /** The codes of RFC 6749 and OpenID Connect; what else a provider writes is shown to nobody. */
    private static String words(String error) {
        return switch (error) {
            case "access_denied" -> "you said no there, or it does not let you into this product";
            case "login_required", "interaction_required", "consent_required" ->
                    "it wants something of you first; sign in there, then try again";
            case "unauthorized_client", "invalid_client" ->
                    "it does not know this product as a client any more";
            case "invalid_scope" -> "it does not give the scopes openid, email and profile";
            case "temporarily_unavailable", "server_error" -> "it has trouble of its own";
            default -> "it answered with an error";
        };
    }

    private @Nullable String idToken(
            Metadata metadata, Provider provider, Answer answer, String browser)
            throws NoAnswer, Refused {
        String secret =
                new String(
                        secrets.open(
                                transactions.callAs(
                                        PLATFORM, () -> store.secret(provider.tenant())),
                                provider.purpose()),
                        StandardCharsets.UTF_8);
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "authorization_code");
        form.put("code", String.valueOf(answer.code()));
        form.put("redirect_uri", back(settings, provider.id()).toString());
        form.put("code_verifier", derived("verifier", answer.state(), browser));
        var given = redeem(caller, metadata, provider.clientId(), secret, form);
        if (given.status() != 200) {
            throw new Refused("it did not take the code, and answered " + given.status());
        }
        return Discovery.text(
                discovery.read(given.body(), "answer of the token endpoint", metadata.token()),
                "id_token");
    }

    /** Asks the token endpoint as the client that the company registered there. */
    static ProviderCaller.Answer redeem(
            ProviderCaller caller,
            Metadata metadata,
            String clientId,
            String secret,
            Map<String, String> form)
            throws NoAnswer {
        var sent = new LinkedHashMap<>(form);
        if (metadata.basic()) {
            String both = encoded(clientId) + ":" + encoded(secret);
            return caller.post(
                    metadata.token(),
                    form(sent),
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
        sent.put("client_id", clientId);
        sent.put("client_secret", secret);
        return caller.post(metadata.token(), form(sent), null);
    }

    private Opened open(Provider provider, Attempt attempt, Identity who, String browser)
            throws Refused {
        TenantId tenant = provider.tenant();
        String domain =
                Optional.of(who.email())
                        .filter(address -> ADDRESS.matcher(address).matches())
                        .flatMap(Domains::of)
                        .orElseThrow(
                                () -> new Refused("its ID token has no usable address (email)"));
        String email = who.email().toLowerCase(Locale.ROOT);
        if (!who.emailVerified()) {
            throw new Refused("it has not verified your address (email_verified)");
        }
        if (!transactions.callAs(PLATFORM, () -> store.hasProved(tenant, domain))) {
            throw new Refused("your address there is of a domain that the company has not proved");
        }
        boolean bothFactors =
                provider.trustsFactors()
                        && (who.methods().contains("mfa")
                                || who.context() != null
                                        && provider.acrValues().contains(who.context()));
        var tied =
                transactions.callAs(
                        PLATFORM, () -> store.account(tenant, who.issuer(), who.subject()));
        if (tied.isPresent()) {
            return opened(provider, attempt, active(tenant, tied.get()), bothFactors);
        }
        var known = outside.findByEmail(tenant, email);
        if (known.isPresent()) {
            active(tenant, known.get().id());
            Instant now = clock.instant();
            transactions.runAs(
                    PLATFORM,
                    () ->
                            store.keepPending(
                                    hash(browser),
                                    new Pending(tenant, who.issuer(), who.subject(), email, now),
                                    now.plus(LIFE)));
            return new Opened.ToTie(provider.name(), email, attempt.next());
        }
        return opened(provider, attempt, add(provider, who, email), bothFactors);
    }

    private static Opened opened(
            Provider provider, Attempt attempt, UUID account, boolean bothFactors) {
        return new Opened.Account(
                provider.tenant(), account, provider.name(), bothFactors, attempt.next());
    }

    private UUID active(TenantId tenant, UUID account) throws Refused {
        return outside.find(tenant, account)
                .filter(OutsideSignIn.Known::active)
                .map(OutsideSignIn.Known::id)
                .orElseThrow(() -> new Refused("your account here is disabled"));
    }

    private UUID add(Provider provider, Identity who, String email) throws Refused {
        Added added;
        try {
            added =
                    transactions.callAs(
                            PLATFORM,
                            () -> {
                                var made =
                                        outside.add(
                                                provider.tenant(),
                                                email,
                                                name(who, email),
                                                provider.newPeople());
                                if (made instanceof Added.Account(var id, _)) {
                                    store.tie(
                                            provider.tenant(),
                                            who.issuer(),
                                            who.subject(),
                                            id,
                                            clock.instant());
                                    note(provider.tenant(), id, name(who, email), who.issuer());
                                }
                                return made;
                            });
        } catch (AddressTaken e) {
            added = new Added.Refused(OutsideSignIn.Refusal.ADDRESS_TAKEN);
        } catch (ProblemException e) {
            throw new Refused(
                    e.problem().slug().startsWith("plan-")
                            ? "your company's plan has no room for another person"
                            : "no account could be made");
        }
        return switch (added) {
            case Added.Account(var id, _) -> id;
            case Added.Refused(var why) ->
                    throw new Refused(
                            switch (why) {
                                case ENDED -> "your company's directory has ended your access";
                                case NOT_INVITED ->
                                        "you have no account here yet, and your company wants"
                                                + " people to be invited first";
                                case ADDRESS_TAKEN -> "your address cannot have an account here";
                            });
        };
    }

    private static String name(Identity who, String email) {
        String name = who.name().replaceAll("[\\p{Cntrl}\\p{Cf}]", "").strip();
        if (name.isEmpty()) {
            name = email.substring(0, email.indexOf('@'));
        }
        return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
    }

    /**
     * Ties the account of a person who is signed in to the subject that their provider vouched for
     * in this browser. They must have given both factors after it did.
     *
     * @return what the company calls its provider
     * @throws ProblemException {@code provider-sign-in-gone} or {@code provider-sign-in-refused}
     */
    String tie(SignedIn by, Optional<String> browser) {
        Instant now = clock.instant();
        Pending pending =
                browser.flatMap(secret ->
                                transactions.callAs(
                                        PLATFORM, () -> store.takePending(hash(secret), now)))
                        .filter(p -> p.tenant().equals(by.tenant()))
                        .orElseThrow(() ->
                                FederationProblems.GONE.because(
                                        "There is nothing to tie to your account in this browser."
                                                + " Begin again at the sign-in page."));
        Instant shown = by.standing().factorsAt();
        if (!pending.email().equals(by.email())) {
            throw refused(by.tenant(), "the account that you signed in to has another address");
        }
        if (by.key() != null || shown == null || shown.isBefore(pending.createdAt())) {
            throw refused(by.tenant(), "you were signed in before; sign out and begin again");
        }
        Provider provider =
                transactions
                        .callAs(PLATFORM, () -> store.find(by.tenant()))
                        .filter(p -> p.issuer().equals(pending.issuer()))
                        .orElseThrow(() -> refused(by.tenant(), "the provider was changed"));
        transactions.runAs(
                PLATFORM,
                () -> {
                    store.tie(by.tenant(), pending.issuer(), pending.subject(), by.account(), now);
                    note(by.tenant(), by.account(), by.name(), pending.issuer());
                });
        return provider.name();
    }

    /** Whether the provider vouched, in this browser and just now, for whoever has that address. */
    boolean isPending(TenantId tenant, String email, Optional<String> browser) {
        return browser.flatMap(secret ->
                        transactions.callAs(
                                PLATFORM, () -> store.pending(hash(secret), clock.instant())))
                .filter(p -> p.tenant().equals(tenant) && p.email().equals(email))
                .isPresent();
    }

    private void note(TenantId tenant, UUID account, String name, String issuer) {
        Scope.tenant(tenant, new Principal(Principal.Kind.USER, account.toString(), name))
                .run(() ->
                        transactions.run(() ->
                                audit.append(
                                        "federation.linked",
                                        "account:" + account,
                                        Outcome.PERMITTED,
                                        Map.of("issuer", issuer))));
    }

    private ProblemException refused(TenantId tenant, String why) {
        return told(
                FederationProblems.REFUSED, tenant, why, "The sign-in was refused: " + why + ".");
    }

    private ProblemException unreachable(TenantId tenant, NoAnswer e) {
        return told(
                FederationProblems.UNREACHABLE,
                tenant,
                e.words(),
                "Your company's provider could not be asked. Try again, or tell an administrator.");
    }

    /** For the person in few words, for administrators in the trail, for operators in the log. */
    private ProblemException told(Problem problem, TenantId tenant, String why, String detail) {
        String reference = ids.next().toString().substring(24).toUpperCase(Locale.ROOT);
        Scope.tenant(tenant, Principal.system("federation"))
                .run(() ->
                        audit.appendSeparately(
                                "federation.refused",
                                "settings:identity-provider",
                                Outcome.FAILED,
                                Map.of("reason", why, "reference", reference)));
        log.warn(
                "provider sign-in refused tenant={} reference={} problem={}",
                tenant.value(),
                reference,
                problem.slug());
        return problem.because(detail + " Reference " + reference + ".");
    }

    /** From what the provider sees and what only the browser has; neither alone gives it. */
    private static String derived(String what, String state, String browser) {
        return text(hash(what + "|" + state + "|" + browser));
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String form(Map<String, String> values) {
        return values.entrySet().stream()
                .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
