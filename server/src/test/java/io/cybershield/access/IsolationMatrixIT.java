package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Every handler that the server has, asked by a stranger for what another company owns. The table
 * of routes comes from the server itself: a handler whose variables have no kind here fails the
 * build.
 *
 * <p>A stranger's question about what belongs to others must be answered as one about what there is
 * not: same status, same words, same headers. So each is asked twice, with the real name and with a
 * made-up one of the same shape.
 */
class IsolationMatrixIT extends IsolationMatrix {
    IsolationMatrixIT() {
        super(TestApplication.shared());
    }

    @Test
    void theOwnerIsAnswered() {
        var unanswered = new TreeSet<String>();
        for (Row row : rows()) {
            if (row.method().equals("GET")) {
                Response answer = ask(owner, row, owned);
                if (answer.status() == 404 || answer.status() >= 500) {
                    unanswered.add(row + ": " + answer.status() + " " + answer.body());
                }
            }
        }
        assertThat(unanswered).isEmpty();
    }

    @Test
    void whatOthersOwnIsAnsweredAsWhatThereIsNot() {
        var rows = rows();
        String before =
                await().atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofSeconds(1))
                        .until(this::belongings, now -> now.equals(belongings()));
        var askers = new LinkedHashMap<String, Client>();
        Client stranger = app.newTenant("Stranger " + UUID.randomUUID());
        provides(stranger);
        askers.put("tenant-admin", app.confirmed(stranger));
        ROLES.forEach(role -> askers.put(role, app.newColleague(stranger, role)));
        Client nobody = app.anonymous();
        // a browser's first answer brings the cookie against forged requests: asked before
        nobody.get("/api/v1/session");
        askers.put("nobody", nobody);
        askers.put("key", app.anonymous().withKey(made(stranger).get("secret").asString()));
        var told = new TreeSet<String>();
        int asked = 0;
        for (Row row : rows) {
            for (var asker : askers.entrySet()) {
                var none = madeUp(owned);
                Response real = ask(asker.getValue(), row, owned);
                Response made = ask(asker.getValue(), row, none);
                asked += 2;
                difference(row, real, made, owned, none)
                        .ifPresent(d -> told.add(asker.getKey() + ", " + row + ": " + d));
                if (asker.getKey().equals("tenant-admin")
                        && !OWN_NAMES.contains(row.toString())
                        && real.status() != 404) {
                    told.add(row + ": " + real.status() + " instead of 404: " + real.body());
                }
            }
        }
        System.out.printf(
                Locale.ROOT, "isolation matrix: %d handlers, %,d requests%n", rows.size(), asked);
        assertThat(told).isEmpty();
        assertThat(belongings()).as("what the owner has").isEqualTo(before);
    }

    /**
     * A provider's people ask for what is really there, in the company that has it; each is
     * answered as in a company that does not exist.
     */
    @Test
    void withoutALiveGrantACustomerIsAnsweredAsACompanyThatThereIsNot() {
        var told = new TreeSet<String>();
        int asked = 0;
        for (Row row : rows()) {
            for (var asker : withoutGrant.entrySet()) {
                Response real = ask(asker.getValue(), row, owned, owner.tenant().toString());
                Response made = ask(asker.getValue(), row, owned, UUID.randomUUID().toString());
                asked += 2;
                difference(row, real, made, owned, owned)
                        .ifPresent(d -> told.add(asker.getKey() + ", " + row + ": " + d));
                if (real.status() != 404) {
                    told.add(asker.getKey() + ", " + row + ": " + real.status());
                }
            }
        }
        System.out.printf(Locale.ROOT, "isolation matrix: %,d requests without a grant%n", asked);
        assertThat(told).isEmpty();
    }

    /** Every handler is asked for what is really there, but is something else. */
    @Test
    void whatOthersOwnOfAnotherKindIsNoBetter() throws Exception {
        var rows = rows();
        Client stranger = app.confirmed(app.newTenant("Stranger " + UUID.randomUUID()));
        var told = new ConcurrentSkipListSet<String>();
        var asked = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (var done :
                    threads.invokeAll(
                            rows.stream()
                                    .filter(row -> !OWN_NAMES.contains(row.toString()))
                                    .<Callable<Object>>map(row ->
                                            Executors.callable(
                                                    () -> askForOthers(stranger, row, told, asked)))
                                    .toList())) {
                done.get();
            }
        }
        System.out.printf(
                Locale.ROOT, "isolation matrix: %,d requests for another kind%n", asked.get());
        assertThat(asked.get()).isGreaterThan(2_500);
        assertThat(told).isEmpty();
    }

    @Test
    void whatOthersOwnIsNoBetterInABodyOrBehindTheQuestionMark() {
        Client stranger = app.confirmed(app.newTenant("Stranger " + UUID.randomUUID()));
        var ids = ids().stream().filter(IsolationMatrixIT::isId).toList();
        var told = new TreeSet<String>();
        int asked = 0;
        var places = idPlaces();
        for (IdPlace at : places) {
            String none = answer(ask(stranger, at, UUID.randomUUID().toString()));
            asked += 1 + ids.size();
            for (String id : ids) {
                String real = answer(ask(stranger, at, id));
                if (!real.equals(none)) {
                    told.add(at + " " + id + ": " + real + "  but made up: " + none);
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "isolation matrix: %d places for ids, %,d requests%n",
                places.size(),
                asked);
        assertThat(places).hasSizeGreaterThan(20);
        assertThat(told).isEmpty();
    }

    @Test
    void everyPlaceThatNamesSomethingIsAskedFrom() {
        var known = new TreeSet<String>();
        namings().forEach(naming -> known.add(naming.toString()));
        var missing = new TreeSet<String>();
        for (var path : api.get("paths").properties()) {
            if (operators(path.getKey()) || path.getKey().startsWith("/scim/")) {
                continue;
            }
            for (var operation : path.getValue().properties()) {
                String row = operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey();
                for (JsonNode parameter : operation.getValue().path("parameters")) {
                    if (parameter.get("in").asString().equals("query")
                            && names(
                                    path.getKey(),
                                    parameter.get("name").asString(),
                                    parameter.path("schema"))) {
                        missing.add(row + " " + parameter.get("name").asString());
                    }
                }
                eachText(
                        operation.getValue().at(BODY),
                        List.of(),
                        (place, schema) -> {
                            if (names(path.getKey(), place.getLast(), schema)) {
                                missing.add(row + " " + String.join(".", place));
                            }
                        });
            }
        }
        assertThat(missing)
                .as("no reason for what there is not")
                .containsAll(NAMES_NOTHING.keySet());
        missing.removeAll(known);
        missing.removeAll(NAMES_NOTHING.keySet());
        assertThat(missing)
                .as("names of things in bodies and questions: add a row to namings()")
                .isEmpty();
    }

    /**
     * With one's own in the path. Where one's own is answered otherwise than what there is not, the
     * handler did look for what it was told of.
     */
    @Test
    void whatOthersOwnIsNoBetterBesideOnesOwn() {
        var told = new TreeSet<String>();
        var unreached = new TreeSet<String>();
        int asked = 0;
        for (Naming naming : namings()) {
            app.confirmed(neighbour);
            String real = owned.get(naming.kind());
            var foreign = new TreeSet<String>();
            if (isId(real)) {
                ids().stream().filter(IsolationMatrix::isId).forEach(foreign::add);
            }
            foreign.add(real);
            String made = madeUp(real);
            String none = answer(ask(neighbour, naming, made), made);
            asked += 2 + foreign.size();
            for (String name : foreign) {
                String answer = answer(ask(neighbour, naming, name), name);
                if (!answer.equals(none)) {
                    told.add(naming + " " + name + ": " + answer + "  but made up: " + none);
                }
            }
            String own = neighbours.get(naming.kind());
            if (answer(ask(neighbour, naming, own), own).equals(none) == naming.alike().isEmpty()) {
                unreached.add(naming + ": " + none);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "isolation matrix: %d names beside others, %,d requests%n",
                namings().size(),
                asked);
        assertThat(told).isEmpty();
        assertThat(unreached)
                .as("one's own is answered as what there is not, or not so any more")
                .isEmpty();
    }

    /** A drawing may name any workflow; its run looks for it among the company's own. */
    @Test
    void aRunStartsNoWorkflowOfAnother() {
        String runs = "/api/v1/runs?workflow=" + owned.get(Kind.WORKFLOW);
        String before = timeless(owner.get(runs).body());
        String real = owned.get(Kind.WORKFLOW);
        assertThat(startedWithin(real)).isEqualTo(startedWithin(madeUp(real)));
        assertThat(timeless(owner.get(runs).body())).isEqualTo(before);
        assertThat(startedWithin(neighbours.get(Kind.WORKFLOW))).startsWith("waiting");
    }

    /** What becomes of a run whose only node starts that workflow. */
    private String startedWithin(String workflow) {
        String outer = id(neighbour.post("/api/v1/workflows", Map.of("name", "Names another")));
        Response saved =
                neighbour.send(
                        neighbour.csrf(
                                neighbour
                                        .json(
                                                "/api/v1/workflows/" + outer + "/draft",
                                                "PUT",
                                                drawing("", workflow))
                                        .header("If-Match", "\"1\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        Response published = neighbour.post("/api/v1/workflows/" + outer + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        String run =
                id(
                        neighbour.post(
                                "/api/v1/workflows/" + outer + "/runs", Map.of("input", Map.of())));
        JsonNode step =
                await().atMost(Duration.ofSeconds(60))
                        .until(
                                () -> step(run, "end"),
                                now ->
                                        List.of("waiting", "failed", "succeeded")
                                                .contains(now.path("state").asString("")));
        return step.get("state").asString()
                + " "
                + step.path("error").toString().replace(workflow, "ID");
    }

    private JsonNode step(String run, String key) {
        for (JsonNode step : neighbour.get("/api/v1/runs/" + run).json().get("steps")) {
            if (step.get("key").asString().equals(key)) {
                return step;
            }
        }
        return JSON.createObjectNode();
    }

    private void askForOthers(Client who, Row row, Set<String> told, AtomicInteger asked) {
        var answers = new HashMap<String, String>();
        for (String name : ids()) {
            var names = named(row, name);
            var none = named(row, madeUp(name));
            String real = plain(ask(who, row, names), row, names);
            String made =
                    answers.computeIfAbsent(
                            isId(name) ? "id" : "hash of " + name.length(),
                            _ -> {
                                asked.incrementAndGet();
                                return plain(ask(who, row, none), row, none);
                            });
            asked.incrementAndGet();
            if (!real.equals(made)) {
                told.add(row + " " + name + ": " + real + "  but made up: " + made);
            }
        }
    }
}
