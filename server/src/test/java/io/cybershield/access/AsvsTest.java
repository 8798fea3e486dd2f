package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/asvs.md} claims nothing that no test shows. */
class AsvsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW =
            Pattern.compile(
                    "\\| (\\d+\\.\\d+\\.\\d+) \\| ([123]) \\| (.+?) \\| (met|partly|open|n/a) \\|"
                            + " (.*) \\|");
    private static final Pattern METHOD = Pattern.compile("\\b([A-Z]\\w+)#(\\w+)");
    private static final Pattern JOURNEY = Pattern.compile("e2e/journeys/[\\w-]+\\.spec\\.ts");

    private record Row(String id, String status, String proof) {}

    private static List<Row> rows() {
        try {
            var rows = new ArrayList<Row>();
            for (String line : Files.readAllLines(ROOT.resolve("docs/asvs.md"))) {
                if (line.matches("\\| \\d.*")) {
                    Matcher m = ROW.matcher(line);
                    assertThat(m.matches()).as("a row of another shape: " + line).isTrue();
                    rows.add(new Row(m.group(1), m.group(4), m.group(5)));
                }
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noRequirementIsLeftOutOrTwice() {
        var ids = rows().stream().map(Row::id).toList();
        assertThat(ids).doesNotHaveDuplicates();
        // As many as ASVS 5.0.0 has in these chapters.
        for (String chapter : List.of("6:47", "7:19", "8:13", "9:7", "10:36")) {
            String[] parts = chapter.split(":");
            assertThat(ids.stream().filter(id -> id.startsWith(parts[0] + ".")).count())
                    .as("V" + parts[0])
                    .isEqualTo(Long.parseLong(parts[1]));
        }
    }

    @Test
    void whatIsMetNamesATestThatExists() throws IOException {
        var missing = new HashSet<String>();
        for (Row row : rows()) {
            Set<String> named = new HashSet<>();
            Matcher method = METHOD.matcher(row.proof());
            while (method.find()) {
                named.add(method.group());
                if (!exists(method.group(1), method.group(2))) {
                    missing.add(row.id() + ": " + method.group());
                }
            }
            Matcher journey = JOURNEY.matcher(row.proof());
            while (journey.find()) {
                named.add(journey.group());
                if (!Files.exists(ROOT.resolve(journey.group()))) {
                    missing.add(row.id() + ": " + journey.group());
                }
            }
            if (row.status().equals("met") && named.isEmpty()) {
                missing.add(row.id() + ": met, and no test is named");
            }
        }
        assertThat(missing).isEmpty();
    }

    private static boolean exists(String type, String method) throws IOException {
        try (var files = Files.walk(ROOT.resolve("server/src/test/java"))) {
            List<Path> found =
                    files.filter(f -> f.getFileName().toString().equals(type + ".java"))
                            .collect(Collectors.toList());
            return found.size() == 1
                    && Files.readString(found.getFirst()).contains("void " + method + "(");
        }
    }
}
