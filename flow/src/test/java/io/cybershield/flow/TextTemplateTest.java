package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TextTemplateTest {
    private static final Map<String, Object> CONTEXT =
            Map.of(
                    "trigger",
                            Map.of("incident", Map.of("host", "web-01", "tags", List.of("a", "b"))),
                    "steps", Map.of("fetch", Map.of("output", Map.of("status", 200L))));

    @Test
    void fillsPathsIndexesAndDefaults() throws TextTemplate.NoValue {
        assertThat(
                        TextTemplate.fill(
                                "{{ trigger.incident.host }}/{{trigger.incident.tags[1]}}",
                                CONTEXT))
                .isEqualTo("web-01/b");
        assertThat(TextTemplate.fill("{{ steps.fetch.output.status }}", CONTEXT)).isEqualTo("200");
        assertThat(TextTemplate.fill("{{ trigger.nobody | default \"none\" }}", CONTEXT))
                .isEqualTo("none");
    }

    @Test
    void namesThePlaceThatHasNoValueAndTheMend() {
        assertThatThrownBy(() -> TextTemplate.fill("on {{ trigger.owner }}", CONTEXT))
                .hasMessageContaining("trigger.owner")
                .hasMessageContaining("default");
    }

    @Test
    void valuesAreDataAndNeverReadAsTemplates() throws TextTemplate.NoValue {
        Map<String, Object> hostile =
                Map.of(
                        "trigger",
                        Map.of("title", "{{ steps.secret }}"),
                        "steps",
                        Map.of("secret", "s3cret"));
        assertThat(TextTemplate.fill("{{ trigger.title }}", hostile))
                .isEqualTo("{{ steps.secret }}");
    }

    @Test
    void problemsNameUnknownRootsAndBrokenPlaces() {
        assertThat(TextTemplate.problems("{{ env.HOME }} {{ 1 + 1 }} {{ trigger.x }}")).hasSize(2);
    }

    @Property(tries = 2000)
    void anyTextIsFilledOrRefusedInWords(@ForAll String text) {
        try {
            assertThat(TextTemplate.fill(text + "{{" + text + "}}", CONTEXT)).isNotNull();
        } catch (TextTemplate.NoValue e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
