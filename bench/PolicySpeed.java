package io.cybershield.access;

import io.cybershield.access.PolicyStore.Own;
import io.cybershield.access.PolicyStore.Version;
import io.cybershield.platform.TenantId;
import io.cybershield.policy.Answer;
import io.cybershield.policy.Circumstances;
import io.cybershield.policy.PolicyText.Statement;
import io.cybershield.policy.Proof;
import io.cybershield.policy.Rules;
import io.cybershield.policy.Subject;
import io.cybershield.policy.Thing;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Measures decisions and proofs with JMH; {@code bench/policy} runs it. One thread. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@Fork(value = 2, jvmArgs = {"-XX:+UseSerialGC", "-Xmx512m", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
public class PolicySpeed {
    private static final TenantId TENANT = new TenantId(new UUID(1, 1));

    /** Policies of the company's own, besides the built-in ones. */
    @Param({"0", "20", "100"})
    public int own;

    private List<Statement> all;
    private Policy policy;
    private Rules parsed;
    private Circumstances now;
    private SignedIn person;
    private Proof proof;
    private List<String> roles;
    private long asked;

    @Setup
    public void prepare() throws Exception {
        var rules = new Own(1, List.of(), new Version(1, text(own), new UUID(0, 1), "Ada", Instant.EPOCH));
        policy = new Policy("/access/roles.cedar", Runnable::run, _ -> rules, Clock.systemUTC());
        all = policy.with(rules);
        parsed = Rules.of(all);
        now = Circumstances.at(Instant.now(), 60, "192.0.2.7");
        person = new SignedIn(TENANT, new UUID(2, 2), "Ann", "ann@example.org", "responder", Set.of());
        proof = new Proof();
        roles = Role.BUILT_IN.stream().map(Role::wire).toList();
    }

    /** By the library, of somebody else each time. */
    @Benchmark
    public Answer decided() throws Exception {
        return parsed.decide(
                new Subject(new UUID(2, asked++), TENANT, "responder", 0, false), "incident:read", Thing.companyOf(TENANT), now);
    }

    @Benchmark
    public boolean remembered() {
        return policy.permits(person, "incident:read", TENANT);
    }

    /** All claims. */
    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @Fork(value = 1, jvmArgs = {"-XX:+UseSerialGC", "-Xmx512m", "--enable-native-access=ALL-UNNAMED"})
    @Warmup(iterations = 20)
    @Measurement(iterations = 40)
    public Object proven() throws Exception {
        return proof.refute(all, Policy.ACTIONS, roles);
    }

    public static void main(String[] args) throws Exception {
        var results = new Runner(new OptionsBuilder().include(PolicySpeed.class.getName()).verbosity(VerboseMode.SILENT).build()).run();
        System.out.println("| own policies | | average | p50 | p99 | longest |");
        System.out.println("|---|---|---|---|---|---|");
        for (String own : List.of("0", "20", "100")) {
            for (String what : List.of("remembered", "decided", "proven")) {
                RunResult sampled = find(results, own, what, what.equals("proven") ? Mode.SingleShotTime : Mode.SampleTime);
                RunResult average = what.equals("proven") ? sampled : find(results, own, what, Mode.AverageTime);
                var times = sampled.getPrimaryResult().getStatistics();
                System.out.printf(
                        Locale.ROOT, "| %s | %s | %.3g ± %.2g us | %.3g us | %.3g us | %.3g us |%n",
                        own, what, average.getPrimaryResult().getScore(), average.getPrimaryResult().getScoreError(),
                        times.getPercentile(50), times.getPercentile(99), times.getMax());
            }
        }
    }

    private static RunResult find(Iterable<RunResult> results, String own, String what, Mode mode) {
        for (RunResult result : results) {
            var asked = result.getParams();
            if (asked.getBenchmark().endsWith("." + what) && asked.getMode() == mode && asked.getParam("own").equals(own)) {
                return result;
            }
        }
        throw new IllegalStateException("No figure for " + what + " with " + own);
    }

    private static String text(int policies) {
        return IntStream.range(0, policies)
                .mapToObj(i -> "permit (principal in Role::\"r" + i + "\", action in [Action::\"incident:read\","
                        + " Action::\"incident:write\"], resource) when { context.network like \"10." + i
                        + ".*\" || principal.clearance > 1 };\n")
                .collect(Collectors.joining());
    }
}
