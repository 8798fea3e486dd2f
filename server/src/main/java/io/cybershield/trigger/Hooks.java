package io.cybershield.trigger;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.SecretBox;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.DueStore.Hook;
import io.cybershield.trigger.Firing.Once;
import io.cybershield.trigger.Firing.Result;
import io.cybershield.trigger.Firing.Shot;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import io.cybershield.workflow.RunEnds;
import io.cybershield.workflow.RunId;
import io.cybershield.workflow.RunView;
import io.cybershield.workflow.Runs;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Webhooks: addresses that start runs. */
@Component
final class Hooks {
    private static final Scope LOOKING = Scope.platform("hooks");
    private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");

    /** Never in a run's data: they carry secrets, or are ours. */
    private static final Set<String> HIDDEN =
            Set.of(
                    "authorization",
                    "proxy-authorization",
                    "cookie",
                    "x-xsrf-token",
                    HookAuth.SIGNATURE.toLowerCase(Locale.ROOT));

    private static final int MOST_HEADERS = 100;
    private static final int MOST_WAITING = 500;

    /** More would only wait for each other, and for the database. */
    private static final int MOST_IN_HAND = 1_000;

    private static final Duration FIRST_LOOK = Duration.ofMillis(25);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final DueStore dues;
    private final TriggerStore store;
    private final PublishedTriggers triggers;
    private final Firing firing;
    private final Runs runs;
    private final Transactions transactions;
    private final SecretBox box;
    private final Ids ids;
    private final Clock clock;
    private final MeterRegistry meters;
    private final JsonMapper json;
    private final Semaphore inHand = new Semaphore(MOST_IN_HAND);
    private final Semaphore waiting = new Semaphore(MOST_WAITING);
    private final Map<UUID, Semaphore> watched = new ConcurrentHashMap<>();

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
            PublishedTriggers triggers,
            Firing firing,
            Runs runs,
            Transactions transactions,
            RunEnds ends,
            SecretBox box,
            Ids ids,
            Clock clock,
            MeterRegistry meters,
            JsonMapper json) {
        this.dues = dues;
        this.store = store;
        this.triggers = triggers;
        this.firing = firing;
        this.runs = runs;
        this.transactions = transactions;
        this.box = box;
        this.ids = ids;
        this.clock = clock;
        this.meters = meters;
        this.json = json;
        ends.on(run -> {
            Semaphore watcher = watched.get(run);
            if (watcher != null) {
                watcher.release();
            }
        });
    }

    /**
     * A request as it came in.
     *
     * @param headers by lower-case name, every value
     * @param remote address of the connection
     */
    record Request(
            String id,
            Map<String, List<String>> headers,
            String query,
            String remote,
            long declaredLength,
            InputStream body) {
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
                box.seal(secret.getBytes(StandardCharsets.UTF_8), purpose(trigger)),
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
            Open hook =
                    transactions
                            .callAs(LOOKING, () -> dues.findHook(request.id()).flatMap(this::open))
                            .orElseThrow(Hooks::unknown);
            var named =
                    Scope.tenant(
                            hook.tenant(),
                            new Principal(Principal.Kind.SYSTEM, "webhook", hook.trigger().name()));
            return named.get(() -> take(request, hook.trigger(), hook.state()));
        } finally {
            inHand.release();
        }
    }

    /** A hook's trigger as it is now. */
    private record Open(TenantId tenant, Trigger trigger, TriggerStore.State state) {}

    private Optional<Open> open(Hook hook) {
        return transactions.callAs(
                Scope.tenant(hook.tenant(), Principal.system("webhook")),
                () ->
                        triggers.find(hook.workflow(), hook.node())
                                .filter(t -> t.kind().equals(Kinds.WEBHOOK))
                                .map(t ->
                                        new Open(
                                                hook.tenant(),
                                                t,
                                                store.state(t.workflow(), t.node()))));
    }

    private Reply take(Request request, Trigger found, TriggerStore.State state) {
        if (!state.enabled()) {
            refuse(found, "disabled", unknown());
        }
        if (found.config().get("networks") instanceof List<?> networks
                && !Cidr.allow(
                        networks.stream().map(n -> Cidr.of(String.valueOf(n))).toList(),
                        request.remote())) {
            refuse(
                    found,
                    "network",
                    TriggerProblems.HOOK_CLOSED.because(
                            "The hook takes no requests from " + request.remote() + "."));
        }
        var kind = HookAuth.Kind.of(found.text("auth"));
        byte[] secret = new byte[0];
        if (kind != HookAuth.Kind.NONE) {
            byte[] sealed = state.secret();
            if (sealed == null) {
                throw refused(
                        found,
                        "no-secret",
                        TriggerProblems.HOOK_REFUSED.because(
                                "The hook has no secret yet. Make one on the workflow's page, under"
                                        + " Triggers."));
            }
            secret = box.open(sealed, purpose(found));
        }
        if (kind == HookAuth.Kind.BASIC || kind == HookAuth.Kind.BEARER) {
            HookAuth.credentials(kind, request.all("authorization"), found.text("user"), secret)
                    .ifPresent(o -> refuse(found, o));
        }
        byte[] body;
        Object parsed;
        try {
            body = HookBody.read(request.body(), request.declaredLength());
            if (kind == HookAuth.Kind.HMAC) {
                HookAuth.signature(
                                request.all(HookAuth.TIMESTAMP),
                                request.all(HookAuth.SIGNATURE),
                                body,
                                secret,
                                window(found),
                                clock.instant())
                        .ifPresent(o -> refuse(found, o));
            }
            if (!rates.get(request.id(), _ -> bucket(2_000, Duration.ofSeconds(2))).tryConsume(1)) {
                refuse(
                        found,
                        "rate",
                        TriggerProblems.HOOK_BUSY.because(
                                "The hook takes 1,000 requests a second.",
                                Map.of("retryAfterSeconds", 1)));
            }
            parsed =
                    HookBody.parse(
                            body,
                            request.one("content-type"),
                            request.one("content-encoding"),
                            json);
        } catch (ProblemException e) {
            if (e.problem() == Problems.TOO_LARGE
                    || e.problem() == Problems.MALFORMED
                    || e.problem() == TriggerProblems.HOOK_FORMAT) {
                note(found, "not-readable");
            }
            throw e;
        } catch (IOException e) {
            throw Problems.MALFORMED.because("The body broke off. Send it again.");
        }
        Result result = fire(request, found, body, parsed);
        return reply(found, result);
    }

    private Result fire(Request request, Trigger found, byte[] body, @Nullable Object parsed) {
        Instant now = clock.instant().truncatedTo(java.time.temporal.ChronoUnit.MICROS);
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("body", parsed);
        data.put("headers", shown(request.headers()));
        data.put("query", HookBody.fields(request.query()));
        data.put("remote", request.remote());
        data.put("receivedAt", now.toString());
        var once = new java.util.ArrayList<Once>();
        byte[] digest = HookAuth.sha256(body);
        String header = found.text("deliveryHeader");
        String delivery = header.isBlank() ? null : request.one(header);
        if (delivery != null && !delivery.isBlank()) {
            data.put("delivery", delivery);
            byte[] key = HookAuth.sha256(("delivery|" + delivery).getBytes(StandardCharsets.UTF_8));
            once.add(
                    new Once(
                            key,
                            digest,
                            Duration.ofSeconds(found.number("dedupeSeconds", 86_400))));
        }
        if (found.text("auth").equals("hmac")) {
            // Recorded and sent again by somebody else, it is the same delivery.
            String signed =
                    request.one(HookAuth.TIMESTAMP)
                            + "|"
                            + String.valueOf(request.one(HookAuth.SIGNATURE))
                                    .toLowerCase(Locale.ROOT);
            once.add(Once.of("signature", signed, window(found).multipliedBy(2).plusMinutes(1)));
        }
        return runs.startTogether(() -> {
            Trigger trigger =
                    triggers.hold(found.workflow(), found.node())
                            .filter(t -> t.kind().equals(Kinds.WEBHOOK))
                            .orElseThrow(Hooks::unknown);
            return firing.fire(trigger, new Shot(data, trigger.name(), null, 0, null, now), once);
        });
    }

    private Reply reply(Trigger trigger, Result result) {
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
        RunView ended =
                ENDED.contains(run.state())
                        ? run
                        : await(
                                        new RunId(run.id()),
                                        Duration.ofSeconds(trigger.number("waitSeconds", 10)))
                                .orElse(run);
        return ENDED.contains(ended.state())
                ? new Reply(result, ended, runs.result(new RunId(run.id())).orElse(""))
                : new Reply(result, ended, null);
    }

    /** The run as it is in the end; empty when it takes longer, or too many wait already. */
    private Optional<RunView> await(RunId run, Duration most) {
        if (!waiting.tryAcquire()) {
            return Optional.empty();
        }
        var told = watched.computeIfAbsent(run.value(), _ -> new Semaphore(0));
        long end = System.nanoTime() + most.toNanos();
        long pause = FIRST_LOOK.toNanos();
        try {
            while (true) {
                var now = runs.find(run);
                if (now.isEmpty() || ENDED.contains(now.get().state())) {
                    return now;
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return Optional.empty();
                }
                // Being told is a hint only: what counts is the next look.
                boolean _ = told.tryAcquire(Math.min(left, pause), TimeUnit.NANOSECONDS);
                pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            watched.remove(run.value());
            waiting.release();
        }
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

    private void refuse(Trigger trigger, HookAuth.Objection objection) {
        refuse(trigger, objection.what(), TriggerProblems.HOOK_REFUSED.because(objection.text()));
    }

    private void refuse(Trigger trigger, String what, ProblemException problem) {
        throw refused(trigger, what, problem);
    }

    private ProblemException refused(Trigger trigger, String what, ProblemException problem) {
        note(trigger, what);
        return problem;
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
