package io.cybershield.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Reading policies: what fits the schema, and where it is wrong. */
class PolicyTextTest {
    @Test
    void builtInPoliciesFitTheSchemaAndEachHasAName() {
        assertThat(Rules.builtIn("/access/roles.cedar"))
                .extracting(PolicyText.Statement::id)
                .contains("tenant-isolation", "no-self-approval", "role-ended", "auditor")
                .noneMatch(id -> id.matches("\\d+"));
    }

    @Test
    void saysLineColumnAndTheMend() {
        var found =
                PolicyText.read(
                                """
                                // Gr\u00fc\u00dfe; \u65e5\u672c
                                permit (principal, action, resource) when { context.network like "a;b" };
                                forbid (principal, action == Action::"evnt:read", resource)
                                  unless { principal.rank > 3 };
                                """,
                                "own:")
                        .findings();
        assertThat(found)
                .filteredOn(f -> f.message().contains("evnt"))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.line()).isEqualTo(3);
                    assertThat(f.column()).isEqualTo(30);
                    assertThat(f.endColumn()).isEqualTo(49);
                    assertThat(f.mend()).contains("event:read");
                });
        var rank =
                PolicyText.read(
                                "\n"
                                        + "permit (principal, action, resource)\n"
                                        + "  when { principal.rank > 3 };",
                                "own:")
                        .findings();
        assertThat(rank)
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.line()).isEqualTo(3);
                    assertThat(f.column()).isEqualTo(10);
                    assertThat(f.message()).contains("rank").doesNotContain("for policy");
                });
    }

    @Test
    void whatIsNoPolicyIsToldWhereItStops() {
        assertThat(
                        PolicyText.read("permit (principal, action, resource) when {", "own:")
                                .findings())
                .singleElement()
                .satisfies(f -> assertThat(f.message()).contains("Unexpected end of input"));
        assertThat(PolicyText.read("\n\n  permt (principal, action, resource);", "own:").findings())
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.line()).isEqualTo(3);
                    assertThat(f.column()).isEqualTo(3);
                    assertThat(f.mend()).contains("permit");
                });
        assertThat(
                        PolicyText.read("permit (principal == ?principal, action, resource);", "")
                                .findings())
                .isNotEmpty();
    }

    @Test
    void onlyWhatIsAtHandWhenDecidingMayBeAskedFor() {
        assertThat(
                        PolicyText.read(
                                        """
                                        permit (principal, action, resource)
                                        when { resource has requestedBy && resource.requestedBy.clearance > 1 };
                                        """,
                                        "own:")
                                .findings())
                .isNotEmpty();
    }

    @Test
    void twoOfOneNameAreRefused() {
        String one = "@id(\"a\") forbid (principal, action, resource) when { context.hour > 3 };\n";
        assertThat(PolicyText.read(one + one, "own:").findings())
                .singleElement()
                .satisfies(f -> assertThat(f.message()).contains("own:a"));
        assertThat(PolicyText.read("// nothing yet\n", "own:").statements()).isEmpty();
        assertThat(PolicyText.read(one, "own:").statements())
                .singleElement()
                .satisfies(s -> assertThat(s.id()).isEqualTo("own:a"));
    }
}
