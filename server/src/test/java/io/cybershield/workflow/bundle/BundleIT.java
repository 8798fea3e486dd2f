package io.cybershield.workflow.bundle;

import static io.cybershield.workflow.Drawn.box;
import static io.cybershield.workflow.Drawn.drawing;
import static io.cybershield.workflow.Drawn.edge;
import static io.cybershield.workflow.Drawn.published;
import static io.cybershield.workflow.Drawn.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.workflow.Drawn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Workflows go from one company to another, signed; whatever is not as it was signed does not. */
class BundleIT {
    private static final TestApplication APP = TestApplication.shared();
    private Client giver;
    private Client taker;
    private UUID child;
    private UUID parent;

    @BeforeEach
    void companies() {
        giver = APP.newTenant();
        taker = APP.newTenant();
        child = published(giver, drawing("Child", nodes("'a'"), edges()));
        parent =
                published(
                        giver,
                        drawing(
                                "Parent",
                                List.of(
                                        box("start", "manual", Map.of()),
                                        box(
                                                "run",
                                                "sub-workflow",
                                                Map.of(
                                                        "workflow",
                                                        child.toString(),
                                                        "version",
                                                        1))),
                                List.of(edge("start", "out", "run"))));
    }

    private static List<Map<String, Object>> nodes(String value) {
        return List.of(
                box("start", "manual", Map.of()),
                box("note", "set", Map.of("vars", Map.of("a", value))));
    }

    private static List<Map<String, Object>> edges() {
        return List.of(edge("start", "out", "note"));
    }

    private String export(UUID... workflows) {
        var query = new StringBuilder();
        for (UUID id : workflows) {
            query.append(query.isEmpty() ? "?" : "&").append("workflow=").append(id);
        }
        return well(giver.get("/api/v1/workflow-bundle" + query)).body();
    }

    private static Response look(Client who, String text) {
        return who.post("/api/v1/workflow-bundles/dry-run", Map.of("text", text));
    }

    private static Response take(Client who, String text, String because, boolean older) {
        var sight = well(look(who, text)).json();
        var choices = new java.util.ArrayList<Map<String, Object>>();
        for (JsonNode part : sight.get("workflows")) {
            var choice = new LinkedHashMap<String, Object>();
            choice.put("source", part.get("source").asString());
            choice.put("action", part.get("target").isNull() ? "create" : "replace");
            choice.put(
                    "revision",
                    part.get("revision").isNull() ? null : part.get("revision").asInt());
            choices.add(choice);
        }
        var request = new LinkedHashMap<String, Object>();
        request.put("text", text);
        request.put("choices", choices);
        request.put("acceptedBecause", because);
        request.put("older", older);
        return who.post("/api/v1/workflow-bundles", request);
    }

    private void trust() {
        JsonNode key = well(giver.get("/api/v1/workflow-bundle-keys")).json().get(0);
        well(
                taker.post(
                        "/api/v1/workflow-bundle-keys",
                        Map.of("key", key.get("key").asString(), "name", "Giver")));
    }

    private JsonNode trail(Client who, String action) {
        return who.get("/api/v1/audit?action=" + action).json().get("items");
    }

    @Test
    void aTrustedBundleMakesDraftsThatStartEachOtherHere() {
        String text = export(parent);
        assertThat(text).contains("\"Child\"").contains("\"Ed25519\"");
        trust();
        JsonNode sight = well(look(taker, text)).json();
        assertThat(sight.get("signer").get("trustedAs").asString()).isEqualTo("Giver");
        assertThat(sight.get("workflows")).hasSize(2);
        assertThat(sight.get("workflows").get(0).get("state").asString()).isEqualTo("new");
        assertThat(taker.get("/api/v1/workflows").json().get("items").toString())
                .as("a look changes nothing")
                .doesNotContain("Parent");

        var made = well(take(taker, text, null, false)).json().get("workflows");
        assertThat(made).hasSize(2);
        var ids = new LinkedHashMap<String, String>();
        made.forEach(m -> ids.put(m.get("name").asString(), m.get("id").asString()));
        JsonNode draft = taker.get("/api/v1/workflows/" + ids.get("Parent")).json();
        assertThat(draft.get("state").asString()).as("nothing is published").isEqualTo("draft");
        assertThat(draft.get("draft").toString())
                .contains(ids.get("Child"))
                .doesNotContain(child.toString());
        well(Drawn.publish(taker, UUID.fromString(ids.get("Child"))));
        well(Drawn.publish(taker, UUID.fromString(ids.get("Parent"))));
        assertThat(trail(taker, "workflow.bundle-imported")).hasSize(1);
        assertThat(trail(giver, "workflow.bundle-exported")).hasSize(1);
        for (JsonNode part : well(look(taker, text)).json().get("workflows")) {
            assertThat(part.get("state").asString()).isEqualTo("same");
        }
    }

    @Test
    void aNewerBundleReplacesTheDraftAndAnOlderOneOnlyWhereItIsWanted() {
        trust();
        String first = export(child);
        well(take(taker, first, null, false));
        well(Drawn.save(giver, child, drawing("Child", nodes("'b'"), edges()), 2));
        well(Drawn.publish(giver, child));
        String second = export(child);
        JsonNode part = well(look(taker, second)).json().get("workflows").get(0);
        assertThat(part.get("state").asString()).isEqualTo("differs");
        assertThat(part.get("diff").toString()).contains("'b'");
        var taken = well(take(taker, second, null, false)).json().get("workflows").get(0);
        assertThat(taken.get("action").asString()).isEqualTo("replace");

        assertThat(well(look(taker, first)).json().get("workflows").get(0).get("state").asString())
                .isEqualTo("older");
        assertThat(take(taker, first, null, false).problem()).isEqualTo("bundle-older");
        well(take(taker, first, null, true));
    }

    @Test
    void withoutATrustedSignatureOnlyAnAdministratorTakesItAndSaysWhy() {
        String text = export(child);
        Client author = APP.newColleague(taker, "workflow-author");
        assertThat(take(author, text, null, false).problem()).isEqualTo("bundle-not-trusted");
        assertThat(take(author, text, "I want it", false).status()).isEqualTo(403);
        assertThat(take(taker, text, null, false).problem()).isEqualTo("bundle-not-trusted");
        assertThat(trail(taker, "workflow.bundle-refused")).isNotEmpty();
        well(take(taker, text, "Ann told me the key", false));
        JsonNode entry = trail(taker, "workflow.bundle-accepted-untrusted").get(0);
        assertThat(entry.get("detail").get("acceptedBecause").asString())
                .isEqualTo("Ann told me the key");

        String unsigned = text.replaceAll("(?s)\"signature\": \\{.*?\n  },\n", "");
        assertThat(well(look(taker, unsigned)).json().get("signer").isNull()).isTrue();
        assertThat(take(author, unsigned, null, false).problem()).isEqualTo("bundle-not-trusted");
    }

    @Test
    void aFileThatWasTamperedWithIsRefusedWithThePlaceAndLeavesATrace() {
        trust();
        String bad = export(child).replace("'a'", "'b'");
        Response looked = look(taker, bad);
        assertThat(looked.status()).isEqualTo(422);
        assertThat(looked.problem()).isEqualTo("bundle-broken");
        assertThat(looked.json().get("detail").asString()).contains("workflow 'Child'");
        Response taken =
                taker.post(
                        "/api/v1/workflow-bundles",
                        Map.of(
                                "text",
                                bad,
                                "choices",
                                List.of(Map.of("source", child.toString(), "action", "create"))));
        assertThat(taken.problem()).isEqualTo("bundle-broken");
        assertThat(trail(taker, "workflow.bundle-refused")).hasSize(2);
    }

    @Test
    void aKeyIsTrustedByOneCompanyOnlyAndNoLongerThanItSays() {
        trust();
        String text = export(child);
        Client third = APP.newTenant();
        assertThat(take(third, text, null, false).problem())
                .as("another company's trust, in the same installation")
                .isEqualTo("bundle-not-trusted");
        Client author = APP.newColleague(taker, "workflow-author");
        JsonNode keys = well(author.get("/api/v1/workflow-bundle-keys")).json();
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0).get("own").asBoolean()).isTrue();
        String id = keys.get(1).get("id").asString();
        assertThat(
                        author.send(
                                        author.csrf(
                                                author.json(
                                                        "/api/v1/workflow-bundle-keys/" + id,
                                                        "DELETE",
                                                        Map.of())))
                                .status())
                .isEqualTo(403);
        well(
                taker.send(
                        taker.csrf(
                                taker.json(
                                        "/api/v1/workflow-bundle-keys/" + id,
                                        "DELETE",
                                        Map.of()))));
        assertThat(take(taker, text, null, false).problem()).isEqualTo("bundle-not-trusted");
        assertThat(trail(taker, "bundle-key.trusted")).hasSize(1);
        assertThat(trail(taker, "bundle-key.distrusted")).hasSize(1);
        assertThat(
                        taker.post(
                                        "/api/v1/workflow-bundle-keys",
                                        Map.of("key", "AAAA", "name", "Nobody"))
                                .status())
                .isEqualTo(422);
    }

    @Test
    void aNameThatIsTakenIsToldAndASecretNeverLeaves() {
        trust();
        well(taker.post("/api/v1/workflows", Map.of("name", "Child")));
        JsonNode part = well(look(taker, export(child))).json().get("workflows").get(0);
        assertThat(part.get("state").asString()).isEqualTo("name-taken");

        well(
                giver.send(
                        giver.csrf(
                                giver.json(
                                        "/api/v1/secrets/token",
                                        "PUT",
                                        Map.of("value", "very-secret-value-4711")))));
        UUID leaky = published(giver, drawing("Leaky", nodes("'very-secret-value-4711'"), edges()));
        Response refused = giver.get("/api/v1/workflow-bundle?workflow=" + leaky);
        assertThat(refused.problem()).as(refused.body()).isEqualTo("bundle-not-exportable");
        assertThat(refused.body()).doesNotContain("4711");
        assertThat(taker.get("/api/v1/workflow-bundle?workflow=" + child).status())
                .as("another company's workflow")
                .isEqualTo(404);
    }
}
