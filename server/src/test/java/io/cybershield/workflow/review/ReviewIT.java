package io.cybershield.workflow.review;

import static io.cybershield.workflow.Drawn.create;
import static io.cybershield.workflow.Drawn.publish;
import static io.cybershield.workflow.Drawn.published;
import static io.cybershield.workflow.Drawn.save;
import static io.cybershield.workflow.Drawn.setting;
import static io.cybershield.workflow.Drawn.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.workflow.Drawn;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Four eyes, attacked: nobody gets a draft published that they had a hand in. */
class ReviewIT {
    private static final TestApplication APP = TestApplication.shared();
    private Client admin;
    private Client author;

    @BeforeEach
    void tenant() {
        admin = APP.newTenant();
        author = APP.newColleague(admin, "workflow-author");
    }

    private void fourEyes() {
        assertThat(
                        well(admin.put("/api/v1/workflow-rules", Map.of("fourEyes", true)))
                                .json()
                                .get("fourEyes")
                                .asBoolean())
                .isTrue();
    }

    private UUID draftOf(Client who) {
        UUID id = create(who);
        well(save(who, id, setting("1"), 1));
        return id;
    }

    private static Response ask(Client who, UUID workflow, int revision) {
        return who.post(
                "/api/v1/workflows/" + workflow + "/reviews",
                Map.of("revision", revision, "note", "please"));
    }

    private static Response decide(Client who, JsonNode review, String verdict) {
        return who.post(
                "/api/v1/workflow-reviews/" + review.get("id").asString() + "/decision",
                Map.of(
                        "verdict",
                        verdict,
                        "hash",
                        review.get("hash").asString(),
                        "comment",
                        "seen"));
    }

    @Test
    void whoEditedAsksAndSomebodyElsePublishes() {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        assertThat(well(ask(author, id, 2)).json().get("id")).isEqualTo(review.get("id"));
        JsonNode standing = admin.get("/api/v1/workflows/" + id + "/review").json();
        assertThat(standing.get("mine").asBoolean()).isFalse();
        assertThat(standing.get("editors").get(0).asString()).isEqualTo("Cora workflow-author");

        JsonNode decided = well(decide(admin, review, "publish")).json();
        assertThat(decided.get("state").asString()).isEqualTo("published");
        assertThat(decided.get("version").asInt()).isEqualTo(1);
        JsonNode version =
                admin.get("/api/v1/workflows/" + id + "/versions").json().get("items").get(0);
        assertThat(version.get("publishedBy").asString()).isEqualTo("Ada Admin");
        assertThat(actions("workflow."))
                .contains(
                        "workflow.review-asked", "workflow.review-published", "workflow.published");
        assertThat(well(save(admin, id, setting("2"), 2)).status()).isEqualTo(200);
        assertThat(admin.get("/api/v1/workflows/" + id + "/review").json().get("editors"))
                .as("what was published is nobody's edit any more")
                .hasSize(1);
    }

    @Test
    void whoMayReviewGetsAMailAndWhoAskedGetsTheDecision() {
        fourEyes();
        Client second = APP.newColleague(admin, "workflow-author");
        Client analyst = APP.newColleague(admin, "analyst");
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        well(ask(author, id, 2));
        assertThat(mails(admin, "Review asked for: ")).isEqualTo(1);
        assertThat(mails(second, "Review asked for: ")).isEqualTo(mayPublish(second) ? 1 : 0);
        assertThat(mails(author, "Review asked for: ")).as("their own edit").isZero();
        assertThat(mails(analyst, "Review asked for: ")).as("may not publish").isZero();

        well(decide(admin, review, "refuse"));
        assertThat(mails(author, "Review refused: ")).isEqualTo(1);
        assertThat(mails(admin, "Review refused: ")).isZero();
        well(save(author, id, setting("3"), 2));
        well(decide(admin, well(ask(author, id, 3)).json(), "publish"));
        assertThat(mails(author, "Published: ")).isEqualTo(1);
    }

    private static boolean mayPublish(Client who) {
        return who.get("/api/v1/session").body().contains("\"workflow:publish\"");
    }

    private int mails(Client to, String words) {
        int count = 0;
        for (JsonNode mail : admin.get("/api/v1/developer/mailbox?limit=200").json().get("items")) {
            if (mail.get("to").asString().equals(to.email())
                    && mail.get("subject").asString().startsWith(words)) {
                count++;
            }
        }
        return count;
    }

    @Test
    void whoeverOnlyTheOldTableKnewIsCarriedOver() throws Exception {
        UUID id = draftOf(author);
        UUID other = draftOf(admin);
        String schema =
                Drawn.inTenant(
                        APP,
                        admin,
                        () ->
                                APP.bean(JdbcClient.class)
                                        .sql("SELECT current_schema()")
                                        .query(String.class)
                                        .single());
        UUID stranger = UUID.randomUUID();
        String path = "SET search_path = \"" + schema + "\", platform, public; ";
        String tenant = "'" + admin.tenant() + "'";
        String sql;
        try (var in =
                getClass()
                        .getResourceAsStream(
                                "/db/workflow/tenant/V202611221700__one_table_of_editors.sql")) {
            sql = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        APP.database()
                .asOwner(
                        path
                                + "CREATE TABLE workflow_editors (tenant_id uuid NOT NULL,"
                                + " workflow_id uuid NOT NULL, account uuid NOT NULL); INSERT INTO"
                                + " workflow_editors VALUES ("
                                + tenant
                                + ", '"
                                + id
                                + "', '"
                                + stranger
                                + "'); INSERT INTO workflow_editors SELECT tenant_id, workflow_id,"
                                + " substr(editor, 6)::uuid FROM workflow_edits WHERE editor LIKE"
                                + " 'USER:%'; "
                                + sql);
        var editors =
                Drawn.inTenant(
                        APP,
                        admin,
                        () ->
                                APP.bean(JdbcClient.class)
                                        .sql(
                                                "SELECT workflow_id::text || ' ' || editor FROM"
                                                        + " workflow_edits WHERE editor <> ''")
                                        .query(String.class)
                                        .list());
        assertThat(editors)
                .containsOnlyOnce(id + " USER:" + stranger)
                .filteredOn(line -> line.startsWith(other.toString()))
                .as("as many as it was saved, and none more")
                .hasSize(2);
    }

    @Test
    void withoutTheRuleEverybodyPublishesTheirOwn() {
        assertThat(publish(author, draftOf(author)).status()).isEqualTo(200);
    }

    @Test
    void anEditorPublishesByNoWay() {
        fourEyes();
        UUID id = draftOf(author);
        assertThat(publish(author, id).problem()).isEqualTo("own-edit");
        JsonNode review = well(ask(author, id, 2)).json();
        assertThat(decide(author, review, "publish").problem()).isEqualTo("own-edit");
        assertThat(publish(author, id).problem()).isEqualTo("own-edit");
        // An administrator is no exception: not for their own edits.
        UUID own = draftOf(admin);
        assertThat(publish(admin, own).problem()).isEqualTo("own-edit");
        assertThat(admin.get("/api/v1/workflows/" + own).json().get("state").asString())
                .isEqualTo("draft");
    }

    @Test
    void someoneElseMustHaveBeenAskedAndMustLook() {
        fourEyes();
        assertThat(publish(admin, draftOf(author)).problem()).isEqualTo("review-needed");
    }

    @Test
    void laterEditsByOthersDoNotWashTheFirstEditorsHands() {
        fourEyes();
        Client second = APP.newColleague(admin, "workflow-author");
        UUID id = draftOf(author);
        well(save(second, id, setting("3"), 2));
        JsonNode review = well(ask(second, id, 3)).json();
        assertThat(decide(author, review, "publish").problem()).isEqualTo("own-edit");
        assertThat(decide(second, review, "publish").problem()).isEqualTo("own-edit");
        assertThat(decide(admin, review, "publish").status()).isEqualTo(200);
    }

    @Test
    void whoOnlyAskedDoesNotDecideEither() {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(admin, id, 2)).json();
        assertThat(decide(admin, review, "publish").problem()).isEqualTo("own-edit");
    }

    @Test
    void whatIsPublishedIsWhatWasLookedAt() {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        well(save(author, id, setting("'evil'"), 2));
        assertThat(decide(admin, review, "publish").problem()).isEqualTo("draft-changed");
        // Saved back to what was shown, it is another draft all the same.
        well(save(author, id, setting("1"), 3));
        assertThat(decide(admin, review, "publish").problem()).isEqualTo("draft-changed");
        assertThat(ask(author, id, 2).problem()).isEqualTo("draft-changed");
        JsonNode next = well(ask(author, id, 4)).json();
        Response otherHash =
                admin.post(
                        "/api/v1/workflow-reviews/" + next.get("id").asString() + "/decision",
                        Map.of("verdict", "publish", "hash", "0".repeat(64)));
        assertThat(otherHash.problem()).isEqualTo("draft-changed");
        assertThat(decide(admin, next, "publish").status()).isEqualTo(200);
    }

    @Test
    void ofManyReviewersOnePublishes() throws Exception {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        try (var clicks = Executors.newFixedThreadPool(6)) {
            Callable<Integer> click = () -> decide(admin, review, "publish").status();
            var answers =
                    clicks.invokeAll(java.util.Collections.nCopies(12, click)).stream()
                            .map(f -> f.resultNow())
                            .toList();
            assertThat(answers).containsOnly(200, 409);
            assertThat(answers.stream().filter(s -> s == 200)).hasSize(1);
        }
        assertThat(admin.get("/api/v1/workflows/" + id + "/versions").json().get("items"))
                .hasSize(1);
    }

    @Test
    void anAgreementPublishesOnce() {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        well(decide(admin, review, "publish"));
        assertThat(publish(admin, id).problem())
                .as("the same draft once more, without anybody asking")
                .isEqualTo("review-needed");
    }

    @Test
    void aRefusedOrWithdrawnReviewIsOver() {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        assertThat(well(decide(admin, review, "refuse")).json().get("state").asString())
                .isEqualTo("refused");
        assertThat(decide(admin, review, "publish").problem()).isEqualTo("review-over");
        JsonNode next = well(ask(author, id, 2)).json();
        String withdraw = "/api/v1/workflow-reviews/" + next.get("id").asString() + "/withdraw";
        assertThat(admin.post(withdraw, Map.of()).status()).isEqualTo(422);
        well(author.post(withdraw, Map.of()));
        assertThat(decide(admin, next, "publish").problem()).isEqualTo("review-over");
    }

    @Test
    void rolesThatMayNotPublishDoNotDecideAndAuthorsDoNotSetTheRule() {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        assertThat(decide(APP.newColleague(admin, "responder"), review, "publish").status())
                .isEqualTo(403);
        assertThat(ask(APP.newColleague(admin, "auditor"), id, 2).status()).isEqualTo(403);
        assertThat(author.put("/api/v1/workflow-rules", Map.of("fourEyes", false)).status())
                .isEqualTo(403);
    }

    @Test
    void switchingItOffTakesASecondPersonOrADay() {
        fourEyes();
        UUID own = draftOf(admin);
        JsonNode rules =
                well(admin.put("/api/v1/workflow-rules", Map.of("fourEyes", false))).json();
        assertThat(rules.get("fourEyes").asBoolean()).isTrue();
        assertThat(rules.get("offBy").asString()).isEqualTo("Ada Admin");
        assertThat(publish(admin, own).problem()).isEqualTo("own-edit");
        // Asking again oneself changes nothing.
        well(admin.put("/api/v1/workflow-rules", Map.of("fourEyes", false)));
        assertThat(publish(admin, own).problem()).isEqualTo("own-edit");
        Client second = APP.newColleague(admin, "tenant-admin");
        assertThat(
                        well(second.put("/api/v1/workflow-rules", Map.of("fourEyes", false)))
                                .json()
                                .get("fourEyes")
                                .asBoolean())
                .isFalse();
        assertThat(publish(admin, own).status()).isEqualTo(200);
        assertThat(actions("four-eyes."))
                .containsExactly("four-eyes.off", "four-eyes.off-asked", "four-eyes.on");
    }

    @Test
    void afterADayItIsOff() {
        fourEyes();
        UUID own = draftOf(admin);
        well(admin.put("/api/v1/workflow-rules", Map.of("fourEyes", false)));
        Drawn.inTenant(
                APP,
                admin,
                () ->
                        APP.bean(JdbcClient.class)
                                .sql(
                                        "UPDATE workflow_rules SET off_at = now() - interval '1"
                                                + " second'")
                                .update());
        assertThat(publish(admin, own).status()).isEqualTo(200);
    }

    @Test
    void anEditBeforeIdsWereKeptCountsByName() {
        UUID id = draftOf(author);
        Drawn.inTenant(
                APP,
                admin,
                () ->
                        APP.bean(JdbcClient.class)
                                .sql(
                                        """
                                        INSERT INTO workflow_edits (workflow_id, revision, editor, name, at)
                                        VALUES (:id, 2, '', 'Ada Admin', now())
                                        """)
                                .param("id", id)
                                .update());
        fourEyes();
        JsonNode review = well(ask(author, id, 2)).json();
        assertThat(decide(admin, review, "publish").problem()).isEqualTo("own-edit");
    }

    @Test
    void anotherTenantSeesNoReviewAndDecidesNone() {
        fourEyes();
        UUID id = draftOf(author);
        JsonNode review = well(ask(author, id, 2)).json();
        Client stranger = APP.newTenant();
        String path = "/api/v1/workflow-reviews/" + review.get("id").asString();
        assertThat(stranger.get(path).status()).isEqualTo(404);
        assertThat(decide(stranger, review, "publish").status()).isEqualTo(404);
        assertThat(stranger.post(path + "/withdraw", Map.of()).status()).isEqualTo(404);
        assertThat(ask(stranger, id, 2).status()).isEqualTo(404);
        assertThat(stranger.get("/api/v1/workflows/" + id + "/review").status()).isEqualTo(404);
        assertThat(stranger.get("/api/v1/workflows/" + id + "/versions").status()).isEqualTo(404);
        assertThat(stranger.get("/api/v1/workflows/" + id + "/diff").status()).isEqualTo(404);
        assertThat(stranger.get("/api/v1/workflow-reviews").json().get("items")).isEmpty();
        assertThat(stranger.get("/api/v1/workflow-rules").json().get("fourEyes").asBoolean())
                .isFalse();
    }

    @Test
    void openReviewsAreListedUntilTheirDraftChanges() {
        UUID id = draftOf(author);
        well(ask(author, id, 2));
        assertThat(admin.get("/api/v1/workflow-reviews?open=true").json().get("items")).hasSize(1);
        well(save(author, id, setting("9"), 2));
        assertThat(admin.get("/api/v1/workflow-reviews?open=true").json().get("items")).isEmpty();
        assertThat(
                        admin.get("/api/v1/workflow-reviews?workflow=" + id)
                                .json()
                                .get("items")
                                .get(0)
                                .get("state")
                                .asString())
                .isEqualTo("outdated");
    }

    @Test
    void versionsDifferByNodeSettingAndEdge() {
        UUID id = published(author, setting("1"));
        well(save(author, id, setting("2"), 2));
        JsonNode diff = admin.get("/api/v1/workflows/" + id + "/diff").json();
        assertThat(diff.get("from").asInt()).isEqualTo(1);
        assertThat(diff.get("to").isNull()).isTrue();
        JsonNode setting = diff.get("nodes").get(0).get("settings").get(0);
        assertThat(setting.get("path").asString()).isEqualTo("/config/vars/a");
        assertThat(setting.get("before").asString()).isEqualTo("1");
        assertThat(setting.get("after").asString()).isEqualTo("2");
        assertThat(setting.get("change").asString()).isEqualTo("changed");
        well(publish(author, id));
        assertThat(
                        admin.get("/api/v1/workflows/" + id + "/diff?from=2&to=1")
                                .json()
                                .get("nodes")
                                .get(0)
                                .get("settings")
                                .get(0)
                                .get("after")
                                .asString())
                .isEqualTo("1");
        assertThat(admin.get("/api/v1/workflows/" + id + "/diff?from=7").status()).isEqualTo(404);
        JsonNode first = admin.get("/api/v1/workflows/" + id + "/versions/1").json();
        assertThat(first.get("nodes")).hasSize(2);
        assertThat(ask(author, id, 3).problem()).isEqualTo("nothing-to-review");
    }

    @Test
    void whatComesBackFromTheArchiveIsWhatWentThere() {
        UUID id = published(author, setting("1"));
        well(save(author, id, setting("2"), 2));
        well(admin.post("/api/v1/workflows/" + id + "/archive", Map.of()));
        fourEyes();
        JsonNode back = well(author.post("/api/v1/workflows/" + id + "/restore", Map.of())).json();
        assertThat(back.get("state").asString()).isEqualTo("published");
        assertThat(back.get("version").asInt()).isEqualTo(1);
        assertThat(back.get("draftChanged").asBoolean()).isTrue();
        Drawn.start(author, id, Map.of());
        UUID never = create(author);
        well(admin.post("/api/v1/workflows/" + never + "/archive", Map.of()));
        assertThat(
                        well(admin.post("/api/v1/workflows/" + never + "/restore", Map.of()))
                                .json()
                                .get("state")
                                .asString())
                .isEqualTo("draft");
    }

    private List<String> actions(String prefix) {
        return admin.get("/api/v1/audit?limit=200")
                .json()
                .get("items")
                .valueStream()
                .map(e -> e.get("action").asString())
                .filter(a -> a.startsWith(prefix))
                .toList();
    }
}
