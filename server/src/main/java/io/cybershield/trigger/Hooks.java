package io.cybershield.trigger;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.platform.Cidr;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Standstill;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.DueStore.Hook;
import io.cybershield.trigger.Firing.Once;
import io.cybershield.trigger.Firing.Result;
import io.cybershield.trigger.Firing.Shot;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import io.cybershield.workflow.RunId;
import io.cybershield.workflow.RunView;
import io.cybershield.workflow.RunWaits;
import io.cybershield.workflow.Runs;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Webhooks: addresses that start runs. */
@Component
final class Hooks {
    /** Never in a run's data: they carry secrets, or are ours. */
    private static final Set<String> HIDDEN =
            Set.of(
                    "authorization",
                    "proxy-authorization",
                    "cookie",
                    "x-xsrf-token",
                    HookAuth.SIGNATURE.toLowerCase(Locale.ROOT));

    private static final int MOST_HEADERS = 100;

    /** More would only wait for each other, and for the database. */
    private static final int MOST_IN_HAND = 1_000;

    /** How often a trigger may change under one request. */
    private static final int MOST_LOOKS = 5;

    private final DueStore dues;
    private final TriggerStore store;
    private final HookDirectory directory;
    private final Firing firing;
    private final Runs runs;
    private final Transactions transactions;
    private final RunWaits ends;
    private final TenantKeys keys;
    private final Standstill standstill;
    private final Ids ids;
    private final Clock clock;
    private final MeterRegistry meters;
    private final JsonMapper json;
    private final Semaphore inHand = new Semaphore(MOST_IN_HAND);

    /** Requests per hook, and refusals per hook that are worth a row. */
    private final Cache<String, Bucket> rates =
            Caffeine.newBuilder()
                    .maximumSize(10_000)
                    .expireAfterAccess(Duration.ofHours(1))
                    .build();

    private final Cache<String, Bucket> noted =
            Caffeine.newBuilder()
                    .maximumSize(10_000)
                    .expireAfterAccess(Duration.ofHours(1))
                    .build();

    Hooks(
            DueStore dues,
            TriggerStore store,
            HookDirectory directory,
            Firing firing,
            Runs runs,
            Transactions transactions,
            RunWaits ends,
            TenantKeys keys,
            Standstill standstill,
            Ids ids,
            Clock clock,
            MeterRegistry meters,
            JsonMapper json) {
        this.dues = dues;
        this.store = store;
        this.directory = directory;
        this.firing = firing;
        this.runs = runs;
        this.transactions = transactions;
        this.ends = ends;
        this.keys = keys;
        this.standstill = standstill;
        this.ids = ids;
        this.clock = clock;
        this.meters = meters;
        this.json = json;
    }

    /**
     * A request as it came in.
     *
     * @param headers by lower-case name, every value
     * @param remote address of the connection
     * @param body read once, when somebody wants it
     */
    record Request(
            String id,
            Map<String, List<String>> headers,
            String query,
            String remote,
            HookBody.Sent body) {
        List<String> all(String header) {
            return headers.getOrDefault(header.toLowerCase(Locale.ROOT), List.of());
        }

        @Nullable String one(String header) {
            var values = all(header);
            return values.isEmpty() ? null : values.getFirst();
        }
    }

    /**
     * @param run null when none was started
     * @param result null unless it was waited for and ended
     */
    record Reply(Result outcome, @Nullable RunView run, @Nullable String result) {}

    /** Gives the trigger its address, the same for all its versions. */
    void ensure(TenantId tenant, Trigger trigger) {
        String id = store.hook(trigger.workflow(), trigger.node(), ids.secret());
        dues.addHook(id, new Hook(tenant, trigger.workflow(), trigger.node()));
    }

    /** Makes a new secret; the one before ends. It cannot be read again. */
    String newSecret(Trigger trigger) {
        String secret = "csh_" + ids.secret();
        store.secret(
                trigger.workflow(),
                trigger.node(),
                keys.seal(
                        Scope.currentTenant(),
                        purpose(trigger),
                        secret.getBytes(StandardCharsets.UTF_8)),
                clock.instant());
        return secret;
    }

    private static String purpose(Trigger trigger) {
        return "hook|" + Scope.currentTenant() + "|" + trigger.workflow() + "|" + trigger.node();
    }

    Reply take(Request request) throws IOException {
        if (!inHand.tryAcquire()) {
            meters.counter("cybershield.hook.busy").increment();
            throw TriggerProblems.HOOK_BUSY.because(
                    "There are " + MOST_IN_HAND + " requests in hand.",
                    Map.of("retryAfterSeconds", 1));
        }
        try {
            HookDirectory.Entry hook = directory.lately(request.id()).orElseThrow(Hooks::unknown);
            for (int i = 0; i < MOST_LOOKS; i++) {
                var known = hook;
                var reply =
                        Scope.tenant(
                                        known.tenant(),
                                        new Principal(
                                                Principal.Kind.SYSTEM,
                                                "webhook",
                                                known.trigger().name()))
                                .get(() -> take(request, known));
                if (reply.isPresent()) {
                    return reply.get();
                }
                hook = directory.now(request.id()).orElseThrow(Hooks::unknown);
            }
            throw TriggerProblems.HOOK_BUSY.because(
                    "The workflow is being changed.", Map.of("retryAfterSeconds", 1));
        } finally {
            inHand.release();
        }
    }

    /** Empty if the trigger may not be as the directory has it. */
    private Optional<Reply> take(Request request, HookDirectory.Entry hook) {
        Trigger trigger = hook.trigger();
        Object parsed;
        try {
            letIn(request, trigger, hook.state());
            parsed =
                    HookBody.parse(
                            request.body().bytes(),
                            request.one("content-type"),
                            request.one("content-encoding"),
                            json);
        } catch (Refusal e) {
            if (!hook.certain() && e.mayChange) {
                return Optional.empty();
            }
            note(trigger, e.what);
            throw e.problem;
        } catch (ProblemException e) {
            note(trigger, "not-readable");
            throw e;
        } catch (IOException e) {
            throw Problems.MALFORMED.because("The body broke off. Send it again.");
        }
        return fire(request, hook, parsed).map(fired -> reply(trigger, fired));
    }

    /** Why a request does not come in. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final String what;
        private final transient ProblemException problem;
        private final boolean mayChange;

        /**
         * @param what for the counter
         * @param mayChange whether it follows from how the trigger is set
         */
        Refusal(String what, ProblemException problem, boolean mayChange) {
            super(what, null, false, false);
            this.what = what;
            this.problem = problem;
            this.mayChange = mayChange;
        }

        static Refusal of(HookAuth.Objection objection) {
            return new Refusal(
                    objection.what(), TriggerProblems.HOOK_REFUSED.because(objection.text()), true);
        }
    }

    private void letIn(Request request, Trigger trigger, TriggerStore.State state)
            throws Refusal, IOException {
        if (!state.enabled()) {
            throw new Refusal("disabled", unknown(), true);
        }
        if (standstill.holds(Scope.currentTenant())) {
            throw new Refusal(
                    "suspended",
                    TriggerProblems.HOOK_SUSPENDED.because(
                            "The hook takes nothing for now.", Map.of("retryAfterSeconds", 300)),
                    false);
        }
        if (trigger.config().get("networks") instanceof List<?> networks
                && !Cidr.allow(
                        networks.stream().map(n -> Cidr.of(String.valueOf(n))).toList(),
                        request.remote())) {
            throw new Refusal(
                    "network",
                    TriggerProblems.HOOK_CLOSED.because(
                            "The hook takes no requests from " + request.remote() + "."),
                    true);
        }
        var kind = HookAuth.Kind.of(trigger.text("auth"));
        if (kind != HookAuth.Kind.NONE) {
            var objection = objection(request, trigger, kind, state.secret());
            if (objection.isPresent()) {
                throw Refusal.of(objection.get());
            }
        }
        if (!rates.get(request.id(), _ -> bucket(2_000, Duration.ofSeconds(2))).tryConsume(1)) {
            throw new Refusal(
                    "rate",
                    TriggerProblems.HOOK_BUSY.because(
                            "The hook takes 1,000 requests a second.",
                            Map.of("retryAfterSeconds", 1)),
                    false);
        }
    }

    private Optional<HookAuth.Objection> objection(
            Request request, Trigger trigger, HookAuth.Kind kind, byte @Nullable [] sealed)
            throws IOException {
        if (sealed == null) {
            return Optional.of(
                    new HookAuth.Objection(
                            "no-secret",
                            "The hook has no secret yet. Make one on the workflow's page, under"
                                    + " Triggers."));
        }
        byte[] secret = keys.open(Scope.currentTenant(), purpose(trigger), sealed);
        return kind == HookAuth.Kind.HMAC
                ? HookAuth.signature(
                        request.all(HookAuth.TIMESTAMP),
                        request.all(HookAuth.SIGNATURE),
                        request.body().bytes(),
                        secret,
                        window(trigger),
                        clock.instant())
                : HookAuth.credentials(
                        kind, request.all("authorization"), trigger.text("user"), secret);
    }

    /**
     * @param end what the run came to, if it ended in its first turn
     */
    private record Fired(Result result, @Nullable String end) {}

    private Optional<Fired> fire(
            Request request, HookDirectory.Entry hook, @Nullable Object parsed) {
        Trigger found = hook.trigger();
        Instant now = clock.instant().truncatedTo(java.time.temporal.ChronoUnit.MICROS);
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("body", parsed);
        data.put("headers", shown(request.headers()));
        data.put("query", HookBody.fields(request.query()));
        data.put("remote", request.remote());
        data.put("receivedAt", now.toString());
        var once = once(request, found);
        String delivery = delivery(request, found);
        if (delivery != null) {
            data.put("delivery", delivery);
        }
        return runs.startTogether(() -> {
            var held = firing.hold(found.workflow(), found.node());
            if (held.isEmpty() || !hook.allowsAs(held.get().trigger(), held.get().state())) {
                return Optional.empty();
            }
            Result result =
                    firing.fire(found, new Shot(data, found.name(), null, 0, null, now), once);
            return Optional.of(
                    new Fired(
                            result,
                            result instanceof Result.Started(var run) && run.hasEnded()
                                    ? runs.result(new RunId(run.id())).orElse("")
                                    : null));
        });
    }

    private static @Nullable String delivery(Request request, Trigger trigger) {
        String header = trigger.text("deliveryHeader");
        String delivery = header.isBlank() ? null : request.one(header);
        return delivery == null || delivery.isBlank() ? null : delivery;
    }

    /** Keys by which a request is known when it comes again. */
    private static List<Once> once(Request request, Trigger trigger) {
        var once = new java.util.ArrayList<Once>();
        String delivery = delivery(request, trigger);
        if (delivery != null) {
            byte[] key = HookAuth.sha256(("delivery|" + delivery).getBytes(StandardCharsets.UTF_8));
            once.add(
                    new Once(
                            key,
                            request.body().digest(),
                            Duration.ofSeconds(trigger.number("dedupeSeconds", 86_400))));
        }
        if (trigger.text("auth").equals("hmac")) {
            // Recorded and sent again by somebody else, it is the same delivery.
            String signed =
                    request.one(HookAuth.TIMESTAMP)
                            + "|"
                            + String.valueOf(request.one(HookAuth.SIGNATURE))
                                    .toLowerCase(Locale.ROOT);
            once.add(Once.of("signature", signed, window(trigger).multipliedBy(2).plusMinutes(1)));
        }
        return once;
    }

    private Reply reply(Trigger trigger, Fired fired) {
        Result result = fired.result();
        RunView run =
                switch (result) {
                    case Result.Started(var started) -> started;
                    case Result.Repeated(var first, _) -> first;
                    case Result.Folded(var first) -> first;
                    case Result.Filtered _ -> null;
                    case Result.Refused(_, _, var cause) -> {
                        if (cause != null) {
                            throw cause;
                        }
                        yield null;
                    }
                };
        if (result instanceof Result.Refused(var what, var text, _)) {
            throw what.equals("disabled")
                    ? unknown()
                    : Problems.MALFORMED.because(text + " Nothing was started.");
        }
        if (run == null || !trigger.text("reply").equals("sync")) {
            return new Reply(result, run, null);
        }
        if (fired.end() != null) {
            return new Reply(result, run, fired.end());
        }
        RunView ended =
                run.hasEnded()
                        ? run
                        : ends.await(
                                        new RunId(run.id()),
                                        Duration.ofSeconds(trigger.number("waitSeconds", 10)))
                                .orElse(run);
        return ended.hasEnded()
                ? new Reply(result, ended, runs.result(new RunId(run.id())).orElse(""))
                : new Reply(result, ended, null);
    }

    private static Duration window(Trigger trigger) {
        return Duration.ofSeconds(trigger.number("windowSeconds", 300));
    }

    private static Map<String, Object> shown(Map<String, List<String>> headers) {
        var shown = new TreeMap<String, Object>();
        headers.forEach((name, values) -> {
            if (shown.size() < MOST_HEADERS && !HIDDEN.contains(name)) {
                shown.put(name, String.join(", ", values).replace("\0", ""));
            }
        });
        return shown;
    }

    /** A flood of refusals costs a few rows a second, and is counted whole in the metrics. */
    private void note(Trigger trigger, String what) {
        if (noted.get(
                        trigger.workflow() + "|" + trigger.node(),
                        _ -> bucket(100, Duration.ofSeconds(10)))
                .tryConsume(1)) {
            transactions.run(() -> firing.count(trigger, what, 1, clock.instant()));
        } else {
            firing.meter(trigger.kind(), what, 1);
            meters.counter("cybershield.trigger.refusals.unlisted").increment();
        }
    }

    private static Bucket bucket(int capacity, Duration per) {
        return Bucket.builder()
                .addLimit(
                        Bandwidth.builder().capacity(capacity).refillGreedy(capacity, per).build())
                .build();
    }

    /** What is unknown, another tenant's, a draft's or archived looks the same. */
    private static ProblemException unknown() {
        return Problems.NOT_FOUND.because("There is no such hook.");
    }
}
