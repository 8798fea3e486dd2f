package io.cybershield.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The trail reads in names, though it is written in ids. */
class NamesInUseIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void anEntrysTargetIsCalledWhatItIsCalledToday() {
        Client admin = app.newTenant();
        String workflow =
                admin.post("/api/v1/workflows", Map.of("name", "Contain a web shell"))
                        .json()
                        .get("id")
                        .asString();
        Client colleague = app.newColleague(admin, "analyst");
        admin.post("/api/v1/sources", Map.of("name", "The proxy", "kind", "json"));
        admin.post("/api/v1/invitations", Map.of("email", "new@x.example", "role", "auditor"));

        JsonNode page = admin.get("/api/v1/audit?limit=200").json();
        JsonNode names = page.get("names");
        assertThat(names.get("workflow:" + workflow).asString()).isEqualTo("Contain a web shell");
        assertThat(names.get("account:" + colleague.account()).asString()).isNotBlank();
        assertThat(names.valueStream().map(JsonNode::asString))
                .contains("The proxy", "new@x.example");
        assertThat(
                        page.get("items")
                                .valueStream()
                                .map(e -> e.get("target").asString())
                                .filter(t -> !t.startsWith("tenant:"))
                                // a permission is called what it is
                                .filter(t -> !t.startsWith("permission:"))
                                .filter(t -> !names.has(t)))
                .as("targets without a name")
                .isEmpty();
        assertThat(page.get("items").get(0).get("actorId").asString())
                .isEqualTo(admin.account().toString());
    }

    @Test
    void aNameFindsTheEntriesThatItStandsFor() {
        Client admin = app.newTenant();
        admin.post("/api/v1/sources", Map.of("name", "Proxy of Berlin", "kind", "json"));
        admin.post("/api/v1/sources", Map.of("name", "100% mail", "kind", "json"));
        JsonNode source =
                admin.get("/api/v1/sources")
                        .json()
                        .get("items")
                        .valueStream()
                        .filter(s -> s.get("name").asString().startsWith("Proxy"))
                        .findFirst()
                        .orElseThrow();
        // This entry's own words have no name in them, only the id of what was revoked.
        admin.delete("/api/v1/sources/" + source.get("id").asString());
        assertThat(actions(admin, "q=proxy%20OF%20berlin"))
                .containsExactly("source.revoked", "source.made");
        assertThat(actions(admin, "q=100%25%20m")).containsExactly("source.made");
        assertThat(actions(admin, "q=100_")).isEmpty();
    }

    @Test
    void noNameLeavesItsTenant() {
        Client admin = app.newTenant();
        Client stranger = app.newTenant();
        String secret =
                admin.post("/api/v1/sources", Map.of("name", "Secret plant", "kind", "json"))
                        .json()
                        .get("source")
                        .get("id")
                        .asString();
        // The stranger's trail names the other tenant's source: as a reference it made up itself.
        stranger.post("/api/v1/sources", Map.of("name", "source:" + secret, "kind", "json"));
        var read = stranger.get("/api/v1/audit?limit=200");
        assertThat(read.json().get("names").has("source:" + secret)).isFalse();
        assertThat(read.body()).doesNotContain("Secret plant");
        var names = app.bean(NamesInUse.class);
        var scope = Scope.tenant(new TenantId(stranger.tenant()), Principal.system("test"));
        assertThat(scope.get(() -> names.of(List.of("source:" + secret)))).isEmpty();
        assertThat(scope.get(() -> names.called("Secret", 10))).isEmpty();
    }

    private static List<String> actions(Client who, String query) {
        return who.get("/api/v1/audit?" + query)
                .json()
                .get("items")
                .valueStream()
                .map(e -> e.get("action").asString())
                .toList();
    }
}
