package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.platform.ProblemException;
import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WordsTest {
    private static List<String> words(String raw) {
        var event =
                new Event(
                        UUID.randomUUID(),
                        new TenantId(UUID.randomUUID()),
                        UUID.randomUUID(),
                        "source",
                        Instant.EPOCH,
                        Instant.EPOCH,
                        0,
                        "Base Event",
                        "Unknown",
                        1,
                        null,
                        null,
                        "",
                        true,
                        Map.of(),
                        Map.of(),
                        Event.Origin.UNKNOWN,
                        raw);
        return List.of(Words.of(event).split(" "));
    }

    @Test
    void wholeNamesAndTheirPartsAreWords() {
        assertThat(words("ran C:\\Tools\\mimi-katz.exe from 10.0.0.5"))
                .containsExactly(
                        "ran",
                        "c",
                        "tools",
                        "mimi-katz.exe",
                        "mimi",
                        "katz",
                        "exe",
                        "from",
                        "10.0.0.5",
                        "10",
                        "0",
                        "5");
    }

    @Test
    void ofJsonOnlyTheValuesAreWords() {
        assertThat(
                        words(
                                "{\"user\" : \"Bob\",\"code\":42,\"deep\":{\"path\":[\"/etc/x\","
                                        + " \"a\\\"b\"]},\"ok\":true}"))
                .containsExactly("bob", "42", "etc", "x", "a", "b", "true");
    }

    @Test
    void escapesOfJsonPartWordsOrAreTheirCharacter() {
        assertThat(words("{\"m\":\"one\\ntwo\\\\three \\u00e9t\\u00e9\"}"))
                .containsExactly("one", "two", "three", "été");
    }

    @Test
    void brokenJsonLosesNothingBehindTheBreak() {
        assertThat(words("{\"m\":\"one")).containsExactly("one");
        assertThat(words("{\"m\":\"one\\")).contains("one");
        assertThat(words("{\"m\":\"\\u00")).isNotNull();
        assertThat(words("{m:one} two")).containsExactly("m", "one", "two");
    }

    @Test
    void timesAreNoWordsButDatesAndNumbersAre() {
        assertThat(
                        words(
                                "2026-11-22T01:21:21.552029747Z at 2026-11-22t01:21:21+01:00 on"
                                        + " 2026-11-22 id 2026-11-22Txx"))
                .containsExactly(
                        "at",
                        "on",
                        "2026-11-22",
                        "2026",
                        "11",
                        "22",
                        "id",
                        "2026-11-22txx",
                        "22txx");
    }

    @Test
    void whoSearchesForATimeIsToldWhatToDo() {
        assertThatThrownBy(() -> Words.query("sshd 2026-11-22T01:21:21Z"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("time range");
        assertThat(Words.query("cmd.exe 2026-11-22")).isEqualTo("'cmd.exe' & '2026-11-22':*");
    }
}
