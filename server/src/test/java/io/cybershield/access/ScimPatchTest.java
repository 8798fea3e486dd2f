package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Changes as directories send them. */
class ScimPatchTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ScimPatch USER =
            new ScimPatch(
                    ScimShapes.USER,
                    Set.of("userName", "externalId", "name", "displayName", "active", "emails"),
                    Set.of("emails"),
                    Set.of("title"));
    private static final ScimPatch GROUP =
            new ScimPatch(
                    ScimShapes.GROUP,
                    Set.of("displayName", "members"),
                    Set.of("members"),
                    Set.of());

    private static ObjectNode user(String operations) {
        return USER.apply(
                object(
                        """
                        {"userName": "ann@example.org", "displayName": "Ann", "active": true,
                         "name": {"givenName": "Ann"},
                         "emails": [{"value": "ann@example.org", "type": "work", "primary": true}]}
                        """),
                object("{\"Operations\": [" + operations + "]}"));
    }

    private static String members(String operations) {
        ObjectNode after =
                GROUP.apply(
                        object(
                                "{\"displayName\": \"g\", \"members\": [{\"value\": \"a\"},"
                                        + " {\"value\": \"b\"}]}"),
                        object("{\"Operations\": [" + operations + "]}"));
        return after.get("members").toString();
    }

    private static ObjectNode object(String text) {
        return (ObjectNode) JSON.readTree(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Entra ID
                "{'op': 'Replace', 'path': 'active', 'value': 'False'}",
                "{'op': 'Replace', 'path': 'active', 'value': [{'$ref': null, 'value': 'False'}]}",
                // Okta
                "{'op': 'replace', 'value': {'active': 'False'}}",
                "{'op': 'add', 'path': 'urn:ietf:params:scim:schemas:core:2.0:User:active',"
                        + " 'value': 'False'}",
                "{'OP': 'REPLACE', 'Path': 'Active', 'Value': 'False'}"
            })
    void endsSomebodyHoweverItIsWritten(String operation) {
        assertThat(user(operation.replace('\'', '"')).get("active").asString()).isEqualTo("False");
    }

    @Test
    void partsOfANameAreReachedByPathAndByDottedMember() {
        assertThat(
                        user("{\"op\":\"Add\",\"path\":\"name.familyName\",\"value\":\"Lee\"}")
                                .get("name"))
                .isEqualTo(object("{\"givenName\": \"Ann\", \"familyName\": \"Lee\"}"));
        assertThat(
                        user("{\"op\":\"replace\",\"value\":{\"name.givenName\":\"Bea\",\"displayName\":\"B\"}}")
                                .get("name"))
                .isEqualTo(object("{\"givenName\": \"Bea\"}"));
        assertThat(user("{\"op\":\"remove\",\"path\":\"displayName\"}").has("displayName"))
                .isFalse();
    }

    @Test
    void oneMailOfSeveralIsChosenByItsType() {
        assertThat(
                        user("{\"op\":\"Replace\",\"path\":\"emails[type eq"
                                        + " \\\"work\\\"].value\",\"value\":\"x@example.org\"}")
                                .get("emails")
                                .toString())
                .isEqualTo("[{\"value\":\"x@example.org\",\"type\":\"work\",\"primary\":true}]");
        assertThat(
                        user("{\"op\":\"Add\",\"path\":\"emails[type eq"
                                        + " \\\"home\\\"].value\",\"value\":\"x@example.org\"}")
                                .get("emails")
                                .size())
                .isEqualTo(2);
        assertThatThrownBy(() ->
                        user(
                                "{\"op\":\"replace\",\"path\":\"emails[type eq"
                                        + " \\\"home\\\"].value\",\"value\":\"x\"}"))
                .isInstanceOfSatisfying(
                        ScimException.class, e -> assertThat(e.type()).isEqualTo("noTarget"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'op':'add','path':'members','value':[{'value':'c'}]} | abc",
                "{'op':'Add','path':'members','value':[{'value':'b'}]} | ab",
                "{'op':'Remove','path':'members','value':[{'value':'a'}]} | b",
                "{'op':'remove','path':'members[value eq \\'a\\']'} | b",
                "{'op':'remove','path':'members[value eq \\'z\\']'} | ab",
                "{'op':'remove','path':'members'} | ``",
                "{'op':'replace','path':'members','value':[{'value':'c'}]} | c",
                "{'op':'replace','value':{'id':'1','members':[{'value':'c'}]}} | c"
            })
    void membersComeAndGo(String operation, String left) {
        String json = operation.replace("\\'", "\\\"").replace('\'', '"');
        var values = new StringBuilder();
        JSON.readTree(members(json)).forEach(m -> values.append(m.get("value").asString()));
        assertThat(values.toString()).isEqualTo(left == null ? "" : left);
    }

    @Test
    void whatIsKnownButNotKeptIsPassedOver() {
        assertThat(
                        user("{\"op\":\"Add\",\"path\":\"title\",\"value\":\"Boss\"},"
                                 + "{\"op\":\"Add\",\"path\":\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department\",\"value\":\"X\"},"
                                 + "{\"op\":\"replace\",\"value\":{\"favourite\":\"tea\"}}")
                                .toString())
                .doesNotContain("Boss", "department", "tea");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'op':'move','path':'active','value':true} | invalidSyntax",
                "{'op':'remove'} | noTarget",
                "{'op':'add','value':'x'} | invalidSyntax",
                "{'op':'add','path':'active'} | invalidValue",
                "{'op':'add','path':'favourite','value':'tea'} | invalidPath",
                "{'op':'add','path':'emails[type ne 1]','value':'tea'} | invalidPath",
                "{'op':'add','path':'emails.value','value':'tea'} | invalidPath",
                "{'op':'add','path':'active[value eq true]','value':'tea'} | invalidPath",
                "'add' | invalidSyntax"
            })
    void whatCannotBeReadIsRefused(String operation, String type) {
        assertThatThrownBy(() -> user(operation.replace('\'', '"')))
                .isInstanceOfSatisfying(
                        ScimException.class, e -> assertThat(e.type()).isEqualTo(type));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "userName eq \"ann@example.org\"",
                "UserName EQ \"a \\\"quoted\\\" name\" and active eq true",
                "externalId eq \"x\"",
                "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"x\"",
                "emails[type eq \"work\"].value eq \"x\"",
                "id eq \"nothing\" and active eq \"False\""
            })
    void filtersOfDirectoriesAreUnderstood(String filter) {
        assertThat(ScimQuery.ofUsers(filter, "0", "-1"))
                .satisfies(query -> {
                    assertThat(query.filter()).isNotEmpty();
                    assertThat(query.offset()).isZero();
                    assertThat(query.count()).isZero();
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "userName",
                "userName eq",
                "userName co \"x\"",
                "userName pr",
                "userName eq \"x\" or active eq true",
                "not (userName eq \"x\")",
                "(userName eq \"x\")",
                "userName eq \"x\" and",
                "userName eq \"x",
                "userName eq x",
                "password eq \"x\"",
                "userName eq \"x\"; DROP TABLE platform.account",
                "userName eq \"\\u0000\"",
                "active eq \"perhaps\""
            })
    void otherFiltersAreRefusedInWords(String filter) {
        assertThatThrownBy(() -> ScimQuery.ofUsers(filter, null, null))
                .isInstanceOfSatisfying(
                        ScimException.class,
                        e -> {
                            assertThat(e.status()).isEqualTo(400);
                            assertThat(e.type()).isEqualTo("invalidFilter");
                        });
    }

    @Test
    void aLongFilterEndsSoon() {
        assertThatThrownBy(
                        () -> ScimQuery.ofUsers("userName eq \"" + "\\\\".repeat(900), null, null))
                .isInstanceOf(ScimException.class);
        assertThatThrownBy(() -> ScimQuery.ofUsers("x".repeat(3_000), null, null))
                .isInstanceOf(ScimException.class);
    }
}
