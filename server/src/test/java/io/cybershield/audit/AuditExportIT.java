package io.cybershield.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.cli.CommandLineInterface;
import io.cybershield.platform.Principal;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Sight;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is exported can be checked without us, and every change of it is named. */
class AuditExportIT {
    private static final Path VERIFIER =
            Path.of("src/main/java/io/cybershield/audit/TrailVerifier.java").toAbsolutePath();

    private final TestApplication app = TestApplication.shared();
    private final AuditTrail trail = app.bean(AuditTrail.class);
    private final Checkpoints checkpoints = app.bean(Checkpoints.class);
    private final AuditKeys keys = app.bean(AuditKeys.class);
    private final Transactions transactions = app.bean(Transactions.class);

    @Test
    void wholeExportIsAsItWasWrittenAndTellsOfItself() {
        var ada = app.newTenant();
        var export = ada.get("/api/v1/audit/export");
        assertThat(export.status()).isEqualTo(200);
        assertThat(export.header("Content-Type")).startsWith("application/x-ndjson");
        var report = verify(export.body(), keysOf(ada));
        assertThat(report.problems()).isEmpty();
        assertThat(report.notes()).isEmpty();
        assertThat(report.first()).isOne();
        assertThat(report.last()).isEqualTo(5);
        assertThat(report.checkpoints()).isOne();
        assertThat(report.pinned()).isTrue();
        assertThat(export.body()).contains("audit.exported");
        var verdict = ada.get("/api/v1/audit/verify").json();
        assertThat(verdict.get("intact").asBoolean()).isTrue();
        assertThat(verdict.get("checkpoints").asLong()).isOne();
        assertThat(verdict.get("head").asString()).isEqualTo(report.head());
        assertThat(verdict.get("last").get("seq").asLong()).isEqualTo(5);
    }

    @Test
    void anyFlippedByteOfAnExportIsFoundOnItsLine() {
        Scope scope = scope(2);
        byte[] file = json(scope, ALL).getBytes(UTF_8);
        var pinned = pinned();
        assertThat(verify(file, pinned).ok()).isTrue();
        assertThat(verify(file, Map.of()).ok()).isTrue();
        var random = new Random(7);
        for (int at = 0; at < file.length; at++) {
            long line = 1;
            for (int i = 0; i < at; i++) {
                line += file[i] == '\n' ? 1 : 0;
            }
            byte was = file[at];
            byte[] others = {
                (byte) (was ^ 1 << random.nextInt(8)),
                (byte) (was ^ 0x20),
                was == '\n' ? (byte) ' ' : (byte) '\n'
            };
            for (byte other : others) {
                file[at] = other;
                var report = verify(file, at % 2 == 0 ? pinned : Map.of());
                assertThat(report.ok()).as("byte %d is %d", at, other).isFalse();
                assertThat(report.problems().getFirst().line())
                        .as("byte %d is %d: %s", at, other, report.problems())
                        .isEqualTo(line);
            }
            file[at] = was;
        }
    }

    @Test
    void garbageIsNeverTakenAndNeverCrashes() {
        byte[] file = json(scope(3), ALL).getBytes(UTF_8);
        var random = new Random(11);
        for (int round = 0; round < 2_000; round++) {
            byte[] broken = file.clone();
            int begin = random.nextInt(broken.length);
            int end = Math.min(broken.length, begin + 1 + random.nextInt(200));
            byte[] noise = new byte[end - begin];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, broken, begin, noise.length);
            assertThat(verify(broken, Map.of()).ok()).isFalse();
            assertThat(
                            verify(
                                            java.util.Arrays.copyOf(
                                                    file, random.nextInt(file.length)),
                                            Map.of())
                                    .ok())
                    .isFalse();
        }
        for (String odd :
                List.of(
                        "",
                        "\n",
                        "{}",
                        "[]\n",
                        "{\"type\":\"header\"}\n",
                        "\"\\u12\n",
                        "[[[[[[[[\n")) {
            assertThat(verify(odd, Map.of()).ok()).as(odd).isFalse();
        }
    }

    @Test
    void removedMovedRepeatedAndCutOffEntriesAreNamed() {
        List<String> lines = json(scope(6), ALL).lines().toList();
        // header, entries 1 to 7, checkpoint, end
        assertThat(lines).hasSize(10);
        assertThat(first(without(lines, 3)))
                .hasToString("line 4, entry 4: entry 3 is missing before it");
        assertThat(first(without(without(lines, 3), 3)).what())
                .isEqualTo("entries 3 to 4 are missing before it");
        var moved = new ArrayList<>(lines);
        Collections.swap(moved, 2, 5);
        assertThat(verify(joined(moved), Map.of()).problems().toString())
                .contains("line 3, entry 5: entries 2 to 4 are missing before it")
                .contains("line 6, entry 2: is out of place: it stands after entry 5");
        var twice = new ArrayList<>(lines);
        twice.add(3, lines.get(2));
        assertThat(first(twice)).hasToString("line 4, entry 2: stands here a second time");
        assertThat(first(lines.subList(0, 5)).what()).startsWith("the file is cut off");
        assertThat(first(without(lines, 7)).what())
                .isEqualTo("is missing: the checkpoint says that the chain reached entry 7");
        assertThat(first(without(lines, 8)).what())
                .isEqualTo("the end says 'checkpoints' 1, the file has 0");
        var more = new ArrayList<>(lines);
        more.add(lines.get(1));
        assertThat(first(more).what()).isEqualTo("stands after the end of the export");
    }

    @Test
    void theFieldIsNamedWhereTheNeighboursTellIt() {
        String file = json(scope(3), ALL);
        List<String> lines = file.lines().toList();
        assertThat(first(changed(lines, 2, "\"seq\":2,", "\"seq\":9,")).what())
                .isEqualTo("its field 'seq' was changed: it was '2'");
        assertThat(
                        first(
                                        changed(
                                                lines,
                                                2,
                                                "\"outcome\":\"permitted\"",
                                                "\"outcome\":\"denied\""))
                                .what())
                .isEqualTo("its field 'outcome' was changed: it was 'permitted'");
        assertThat(
                        first(
                                        changed(
                                                lines,
                                                2,
                                                "\"action\":\"test.done\"",
                                                "\"action\":\"test.Done\""))
                                .what())
                .startsWith("was changed: its fields do not give the hash");
        String hash = lines.get(2).substring(lines.get(2).length() - 66, lines.get(2).length() - 2);
        assertThat(first(changed(lines, 2, hash, "0".repeat(64))).what())
                .isEqualTo("its field 'hash' was changed");
    }

    @Test
    void anEntryThatIsRecomputedAfterAChangeStillDoesNotFollow() throws Exception {
        Scope.Tenant scope = scope(5);

        String kept = scope.get(checkpoints::make).orElseThrow().line();
        rewrite(scope.tenant(), 2);
        // Whole to who only looks at the chain, not to who looks at what was signed.
        var verdict = scope.get(() -> app.bean(AuditReader.class).verify());
        assertThat(verdict.firstBroken()).isEqualTo(5);
        assertThat(verdict.problem())
                .isEqualTo("It is not the entry that its checkpoint was signed for.");
        assertThatThrownBy(() -> scope.get(checkpoints::make))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("does not follow from its last checkpoint");
        // Without its checkpoints it can be signed again; who kept one still sees it.
        app.database()
                .asOwner(
                        "DELETE FROM platform.audit_checkpoint WHERE tenant_id = '"
                                + scope.tenant()
                                + "'");
        byte[] file = json(scope, ALL).getBytes(UTF_8);
        assertThat(verify(file, pinned()).ok()).isTrue();
        var report = TrailVerifier.verify(new ByteArrayInputStream(file), pinned(), List.of(kept));
        assertThat(report.problems().getFirst().seq()).isEqualTo(5);
        assertThat(report.problems().getFirst().what()).contains("the chain was rewritten");
    }

    @Test
    void aChainThatIsCutOffAndItsHeadWithItShowsByItsCheckpoint() {
        Scope.Tenant scope = scope(5);
        String kept = scope.get(checkpoints::make).orElseThrow().line();
        String schema = scope.tenant().schema();
        app.database().asOwner("DELETE FROM " + schema + ".audit_entry WHERE seq > 3");
        app.database()
                .asOwner(
                        "UPDATE "
                                + schema
                                + ".audit_head SET seq = 3, hash = (SELECT hash FROM "
                                + schema
                                + ".audit_entry WHERE seq = 3)");
        var verdict = scope.get(() -> app.bean(AuditReader.class).verify());
        assertThat(verdict.firstBroken()).isEqualTo(4);
        assertThat(verdict.problem()).contains("reached entry 5");
        app.database()
                .asOwner(
                        "DELETE FROM platform.audit_checkpoint WHERE tenant_id = '"
                                + scope.tenant()
                                + "'");
        byte[] file = json(scope, ALL).getBytes(UTF_8);
        var report = verifyKept(file, kept);
        assertThat(report.problems().getFirst().what())
                .isEqualTo(
                        "the chain is cut off: a checkpoint that you kept says it reached entry 5,"
                                + " the file ends at entry 4");
    }

    @Test
    void aForgedCheckpointDoesNotHold() {
        Scope.Tenant scope = scope(2);
        transactions.runAs(
                scope,
                () ->
                        app.bean(CheckpointStore.class)
                                .add(
                                        new Checkpoint(
                                                scope.tenant(),
                                                1,
                                                new byte[32],
                                                Instant.EPOCH,
                                                keys.current().id(),
                                                new byte[64])));
        var verdict = scope.get(() -> app.bean(AuditReader.class).verify());
        assertThat(verdict.firstBroken()).isOne();
        assertThat(verdict.problem()).isEqualTo("The signature of its checkpoint does not hold.");
    }

    @Test
    void aKeyThatWasPutIntoTheDatabaseIsNotPublished() {
        app.database()
                .asOwner(
                        "INSERT INTO platform.audit_key VALUES ('0000000000000000', '\\x0102',"
                                + " now(), now())");
        try {
            keys.rotate();
            assertThat(keys.all()).extracting(AuditKeys.Key::id).doesNotContain("0000000000000000");
        } finally {
            app.database().asOwner("DELETE FROM platform.audit_key WHERE id = '0000000000000000'");
        }
    }

    @Test
    void whatAnOldKeySignedStaysProvenAfterRotation() {
        Scope.Tenant scope = scope(2);
        String old = keys.current().id();
        scope.get(checkpoints::make);
        assertThat(keys.rotate().id()).isNotEqualTo(old);
        scope.run(() -> trail.append("test.done", "x", Outcome.PERMITTED, Map.of()));
        String file = json(scope, ALL);
        var report = verify(file, pinned());
        assertThat(report.problems()).isEmpty();
        assertThat(report.checkpoints()).isEqualTo(2);
        assertThat(file).contains("\"key\":\"" + old + "\"");
        // Who pinned the new one alone is told that the old checkpoint is not of it.
        var newest = TrailVerifier.keys(keys.current().pem());
        assertThat(verify(file, newest).problems().getFirst().what()).contains(old);
    }

    @Test
    void anExportOfSomebodyElsesKeyIsConsistentOnlyAndRefusedUnderOurs() throws Exception {
        String file = json(scope(2), ALL);
        var other = java.security.KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] der = other.getPublic().getEncoded();
        var report = verify(file, Map.of(TrailVerifier.keyId(der), other.getPublic()));
        assertThat(report.ok()).isFalse();
        assertThat(report.problems().getFirst().line()).isOne();
        assertThat(TrailVerifier.words(verify(file, Map.of())).getLast())
                .startsWith("The keys came from the file itself");
    }

    @Test
    void aRangeIsProvenFromThePredecessorOfItsFirstEntry() {
        Scope scope = scope(3);
        Instant middle = Clock.systemUTC().instant();
        scope.run(() -> {
            trail.append("test.done", "x", Outcome.PERMITTED, Map.of());
            trail.append("test.done", "y", Outcome.PERMITTED, Map.of());
        });
        String file = json(scope, filter(middle, null, null));
        var report = verify(file, pinned());
        assertThat(report.problems()).isEmpty();
        assertThat(report.first()).isEqualTo(4);
        assertThat(report.notes().getFirst()).startsWith("the export begins at entry 4");
        String until = json(scope, filter(null, middle, null));
        assertThat(verify(until, pinned()).problems()).isEmpty();
        assertThat(verify(until, pinned()).last()).isEqualTo(3);
        assertThat(verify(until, pinned()).notes().getFirst())
                .contains("the export ends at entry 3");
        String none = json(scope, filter(Instant.parse("2999-01-01T00:00:00Z"), null, null));
        assertThat(verify(none, pinned()).problems()).isEmpty();
        assertThat(verify(none, pinned()).entries()).isZero();
    }

    @Test
    void aFilteredExportIsProvenEntryByEntryAndAsAWhole() {
        Scope scope = scope(2);
        scope.run(() -> trail.append("other.done", "x", Outcome.DENIED, Map.of()));
        scope.run(() -> trail.append("test.done", "x", Outcome.PERMITTED, Map.of()));
        String file = json(scope, filter(null, null, "test"));
        var report = verify(file, pinned());
        assertThat(report.problems()).isEmpty();
        assertThat(report.entries()).isEqualTo(3);
        assertThat(report.notes().getFirst()).startsWith("the export is filtered");
        assertThat(first(without(file.lines().toList(), 2)).what())
                .contains("the end says 'entries' 3");
    }

    @Test
    void checkpointsComeByNumberAndByTime() {
        Scope.Tenant scope = scope(3);
        var now = new Instant[] {Instant.parse("2026-01-01T00:00:00Z")};
        var clock =
                new Clock() {
                    @Override
                    public Instant instant() {
                        return now[0];
                    }

                    @Override
                    public java.time.ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }
                };
        var checkpointer =
                new Checkpointer(
                        checkpoints,
                        transactions,
                        app.bean(JdbcClient.class),
                        new AuditSettings(3, Duration.ofHours(1)),
                        _ -> false,
                        clock);
        var heard = heard(scope);
        checkpointer.appended(scope.tenant(), heard.get(0));
        checkpointer.tick();
        assertThat(scope.get(checkpoints::last)).isEmpty();
        heard.forEach(entry -> checkpointer.appended(scope.tenant(), entry));
        checkpointer.tick();
        assertThat(scope.get(checkpoints::last).orElseThrow().seq()).isEqualTo(3);
        scope.run(() -> trail.append("test.done", "x", Outcome.PERMITTED, Map.of()));
        checkpointer.appended(scope.tenant(), heard(scope).getLast());
        now[0] = now[0].plus(Duration.ofMinutes(59));
        checkpointer.tick();
        assertThat(scope.get(checkpoints::count)).isOne();
        now[0] = now[0].plus(Duration.ofMinutes(1));
        checkpointer.tick();
        assertThat(scope.get(checkpoints::last).orElseThrow().seq()).isEqualTo(4);
    }

    @Test
    void checkpointsCanOnlyBeAddedToAndNeverSeenByOthers() {
        Scope.Tenant scope = scope(1);
        scope.get(checkpoints::make);
        for (String attack :
                List.of(
                        "UPDATE platform.audit_checkpoint SET seq = 9",
                        "DELETE FROM platform.audit_checkpoint",
                        "TRUNCATE platform.audit_checkpoint",
                        "SELECT * FROM platform.audit_key")) {
            assertThatThrownBy(() ->
                            transactions.runAs(
                                    scope,
                                    () -> app.bean(JdbcClient.class).sql(attack).query(r -> {})))
                    .as(attack)
                    .hasStackTraceContaining("permission denied");
        }
        assertThat(scope(1).get(checkpoints::last)).isEmpty();
    }

    @Test
    void manyAtOnceMakeOneCheckpoint() throws Exception {
        Scope.Tenant scope = scope(4);
        try (var threads = java.util.concurrent.Executors.newFixedThreadPool(4)) {
            var all = new ArrayList<java.util.concurrent.Future<Long>>();
            for (int i = 0; i < 8; i++) {
                all.add(threads.submit(() -> scope.get(checkpoints::make).orElseThrow().seq()));
            }
            for (var one : all) {
                assertThat(one.get()).isEqualTo(4);
            }
        }
        assertThat(scope.get(checkpoints::count)).isOne();
    }

    @Test
    void csvCarriesNothingThatASpreadsheetCarriesOut() {
        Scope scope = scope(0);
        for (String evil : List.of("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")) {
            scope.run(() ->
                    trail.append("test.done", evil, Outcome.PERMITTED, Map.of("a", "b\"c,d")));
        }
        String csv = written(scope, AuditExport.Format.CSV, ALL);
        assertThat(csv).startsWith("seq,id,at,actorKind,");
        for (String evil : List.of("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")) {
            assertThat(csv).contains("\"'" + evil + "\"").doesNotContain(",\"" + evil + "\"");
        }
        assertThat(csv).contains("\"\"a\"\"").endsWith("\r\n");
    }

    @Test
    void cefIsEscapedAsItsHeaderAndItsValuesEachAsk() {
        var entry =
                new AuditEntry(
                        new TenantId(new UUID(0, 1)),
                        7,
                        new UUID(0, 2),
                        Instant.parse("2026-11-23T04:05:06.789123Z"),
                        "USER",
                        "a=b",
                        "Ann | \\ Lee\nCEF:0|forged",
                        "x|y\\z\n",
                        "t=1|2",
                        "denied",
                        "2001:db8::1",
                        "{\"k\": \"a=b\\\\n\"}",
                        new byte[] {1},
                        new byte[] {2});
        assertThat(AuditLines.cef(entry))
                .isEqualTo(
                        "CEF:0|CyberShield|CyberShield|1|x\\|y\\\\z |x\\|y\\\\z  denied|6|"
                                + "rt=1795406706789"
                                + " externalId=00000000-0000-0000-0000-000000000002"
                                + " act=x|y\\\\z\\n outcome=denied suid=a\\=b"
                                + " suser=Ann | \\\\ Lee\\nCEF:0|forged"
                                + " c6a2=2001:db8::1 c6a2Label=Source IPv6 Address"
                                + " cn1=7 cn1Label=Sequence cs1=t\\=1|2 cs1Label=Target"
                                + " cs2=00000000-0000-0000-0000-000000000001 cs2Label=Tenant"
                                + " cs3={\"k\": \"a\\=b\\\\\\\\n\"} cs3Label=Detail"
                                + " cs4=02 cs4Label=Hash cs5=01 cs5Label=Previous hash"
                                + " cs6=USER cs6Label=Actor kind");
        assertThat(AuditLines.syslog(entry))
                .startsWith("<108>1 2026-11-23T04:05:06.789123Z - cybershield - x|y\\z_ - CEF:0|")
                .satisfies(line -> assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1));
    }

    @Test
    void exportsOfAllFormatsAreOfferedAndUnknownOnesRefused() {
        var ada = app.newTenant();
        assertThat(ada.get("/api/v1/audit/export?format=csv").header("Content-Type"))
                .startsWith("text/csv");
        var cef = ada.get("/api/v1/audit/export?format=cef&action=access");
        assertThat(cef.body().lines()).hasSize(3).allMatch(line -> line.startsWith("<1"));
        assertThat(ada.get("/api/v1/audit/export?format=xls").status()).isEqualTo(400);
        assertThat(ada.get("/api/v1/audit?outcome=maybe").status()).isEqualTo(400);
        assertThat(ada.get("/api/v1/audit?action=audit.exported").json().get("items").size())
                .isEqualTo(2);
        var analyst = app.newColleague(ada, "analyst");
        for (String closed : List.of("export", "keys", "keys.pem", "checkpoints", "verify")) {
            assertThat(analyst.get("/api/v1/audit/" + closed).status()).as(closed).isEqualTo(403);
        }
        assertThat(analyst.post("/api/v1/audit/checkpoints", Map.of()).status()).isEqualTo(403);
        var auditor = app.newColleague(ada, "auditor");
        var made = auditor.post("/api/v1/audit/checkpoints", Map.of());
        assertThat(made.status()).isEqualTo(200);
        assertThat(auditor.get("/api/v1/audit/checkpoints").json().get("items").get(0))
                .isEqualTo(made.json());
        assertThat(auditor.get("/api/v1/audit/keys").json().get(0).get("id"))
                .isEqualTo(made.json().get("key"));
    }

    @Test
    void theCommandAndTheBareFileSayTheSame(@TempDir Path folder) throws Exception {
        var ada = app.newTenant();
        Path file = folder.resolve("audit.jsonl");
        Path pem = folder.resolve("keys.pem");
        Files.writeString(file, ada.get("/api/v1/audit/export").body());
        Files.writeString(pem, ada.get("/api/v1/audit/keys.pem").body());
        assertThat(command(file.toString())).isZero();
        assertThat(command(file.toString(), "--key", pem.toString())).isZero();
        assertThat(command(folder.resolve("none").toString())).isEqualTo(2);
        assertThat(command(file.toString(), "--key", file.toString())).isEqualTo(2);
        assertThat(bare(file, pem)).isZero();
        Files.writeString(
                file,
                Files.readString(file).replaceFirst("tenant.provisioned", "tenant.Provisioned"));
        assertThat(command(file.toString(), "--key", pem.toString())).isOne();
        assertThat(bare(file, pem)).isOne();
    }

    private static int command(String... arguments) {
        var all = new ArrayList<>(List.of("audit", "verify"));
        Collections.addAll(all, arguments);
        return CommandLineInterface.run(all.toArray(String[]::new));
    }

    /** The one source file by itself, as an auditor runs it. */
    private static int bare(Path file, Path pem) throws IOException, InterruptedException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        VERIFIER.toString(),
                        file.toString(),
                        pem.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static final AuditStore.Filter ALL = filter(null, null, null);

    private static AuditStore.Filter filter(
            @org.jspecify.annotations.Nullable Instant from,
            @org.jspecify.annotations.Nullable Instant to,
            @org.jspecify.annotations.Nullable String action) {
        return new AuditStore.Filter(
                from, to, null, action, null, null, null, null, java.util.Set.of());
    }

    private Scope.Tenant scope(int entries) {
        var tenant = new TenantId(UUID.randomUUID());
        app.database().tenantSchemas().ensure(tenant);
        var scope = new Scope.Tenant(tenant, Principal.system("test"), Sight.ALL);
        for (int i = 0; i < entries; i++) {
            int n = i;
            scope.run(() ->
                    trail.append(
                            "test.done",
                            "thing:" + n,
                            Outcome.PERMITTED,
                            Map.of("n", n, "text", "värde \"\\\n\u0001")));
        }
        return scope;
    }

    private String json(Scope scope, AuditStore.Filter filter) {
        return written(scope, AuditExport.Format.JSON, filter);
    }

    private String written(Scope scope, AuditExport.Format format, AuditStore.Filter filter) {
        var export = app.bean(AuditExport.class);
        var out = new java.io.ByteArrayOutputStream();
        scope.run(() -> {
            try {
                export.write(export.begin(format, filter), out);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        return out.toString(UTF_8);
    }

    private List<AuditView> heard(Scope scope) {
        var heard = new ArrayList<AuditView>();
        scope.run(() ->
                app.bean(AuditReader.class)
                        .forEach(entry ->
                                heard.add(
                                        AuditView.of(
                                                entry,
                                                app.bean(
                                                        tools.jackson.databind.json.JsonMapper
                                                                .class)))));
        return heard;
    }

    private Map<String, PublicKey> pinned() {
        return TrailVerifier.keys(
                String.join("", keys.all().stream().map(AuditKeys.Key::pem).toList()));
    }

    private static Map<String, PublicKey> keysOf(Client who) {
        return TrailVerifier.keys(who.get("/api/v1/audit/keys.pem").body());
    }

    private static TrailVerifier.Report verify(String file, Map<String, PublicKey> pinned) {
        return verify(file.getBytes(UTF_8), pinned);
    }

    private static TrailVerifier.Report verify(byte[] file, Map<String, PublicKey> pinned) {
        try {
            return TrailVerifier.verify(new ByteArrayInputStream(file), pinned, List.of());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static TrailVerifier.Report verifyKept(byte[] file, String kept) {
        try {
            return TrailVerifier.verify(new ByteArrayInputStream(file), Map.of(), List.of(kept));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static TrailVerifier.Problem first(List<String> lines) {
        return verify(joined(lines), Map.of()).problems().getFirst();
    }

    private static String joined(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    private static List<String> without(List<String> lines, int at) {
        var fewer = new ArrayList<>(lines);
        fewer.remove(at);
        return fewer;
    }

    private static List<String> changed(List<String> lines, int at, String what, String to) {
        var other = new ArrayList<>(lines);
        assertThat(other.get(at)).contains(what);
        other.set(at, other.get(at).replace(what, to));
        return other;
    }

    /** As somebody would who owns the database: changes an entry and computes the rest anew. */
    private void rewrite(TenantId tenant, long seq) throws Exception {
        var store = app.bean(AuditStore.class);
        var all =
                transactions.callAs(
                        Scope.tenant(tenant, Principal.system("test")), () -> store.after(0, 100));
        byte[] previous = new byte[0];
        try (var owner = DriverManager.getConnection(app.database().ownerUrl());
                var update =
                        owner.prepareStatement(
                                "UPDATE "
                                        + tenant.schema()
                                        + ".audit_entry SET actor_name = ?, previous = ?, hash = ?"
                                        + " WHERE seq = ?")) {
            for (AuditEntry e : all) {
                var other =
                        new AuditEntry(
                                e.tenant(),
                                e.seq(),
                                e.id(),
                                e.at(),
                                e.actorKind(),
                                e.actorId(),
                                e.seq() == seq ? "Somebody else" : e.actorName(),
                                e.action(),
                                e.target(),
                                e.outcome(),
                                e.address(),
                                e.detail(),
                                previous,
                                e.hash());
                previous = other.computeHash();
                update.setString(1, other.actorName());
                update.setBytes(2, other.previous());
                update.setBytes(3, previous);
                update.setLong(4, e.seq());
                update.executeUpdate();
            }
            try (var head =
                    owner.prepareStatement(
                            "UPDATE " + tenant.schema() + ".audit_head SET hash = ?")) {
                head.setBytes(1, previous);
                head.executeUpdate();
            }
        }
    }
}
