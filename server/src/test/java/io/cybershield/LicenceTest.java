package io.cybershield;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What we pass on may be passed on under our licence. Reads the bill of materials that the build
 * writes into the jar, and the front end's lock file.
 */
class LicenceTest {
    /** A component passes when it offers one of these; a list of licences is a choice. */
    private static final Set<String> ALLOWED =
            Set.of(
                    "Apache-2.0",
                    "MIT",
                    "MIT-0",
                    "BSD-2-Clause",
                    "BSD-3-Clause",
                    "0BSD",
                    "ISC",
                    "EPL-2.0",
                    "CC0-1.0",
                    "Unlicense",
                    "OFL-1.1", // the two fonts
                    "Go License", // re2j's name for BSD-3-Clause
                    "Bouncy Castle Licence"); // its name for MIT

    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void everyLibraryInTheJarHasALicenceThatMayBePassedOn() throws IOException {
        JsonNode bill;
        try (InputStream in =
                LicenceTest.class.getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
            assertThat(in).as("the bill of materials, written by the build").isNotNull();
            bill = JSON.readTree(in);
        }
        var wrong = new ArrayList<String>();
        for (JsonNode component : bill.get("components")) {
            List<String> licences =
                    StreamSupport.stream(component.path("licenses").spliterator(), false)
                            .map(LicenceTest::name)
                            .toList();
            if (licences.stream().noneMatch(LicenceTest::allowed)) {
                wrong.add(
                        component.get("name").asString()
                                + " "
                                + component.get("version").asString()
                                + ": "
                                + licences);
            }
        }
        assertThat(bill.get("components").size()).isGreaterThan(100);
        assertThat(wrong).as("libraries without an allowed licence").isEmpty();
    }

    @Test
    void everyPackageOfTheFrontEndHasALicenceThatMayBePassedOn() throws IOException {
        JsonNode lock = JSON.readTree(Files.readString(Path.of("../web/package-lock.json")));
        var wrong = new ArrayList<String>();
        int shipped = 0;
        for (var entry : lock.get("packages").properties()) {
            JsonNode value = entry.getValue();
            if (entry.getKey().isEmpty() || value.path("dev").asBoolean(false)) {
                continue;
            }
            shipped++;
            String licence = value.path("license").asString("none");
            if (!allowed(licence)) {
                wrong.add(entry.getKey() + ": " + licence);
            }
        }
        assertThat(shipped).isGreaterThan(20);
        assertThat(wrong).as("packages without an allowed licence").isEmpty();
    }

    private static String name(JsonNode choice) {
        JsonNode licence = choice.path("license");
        if (licence.has("id")) {
            return licence.get("id").asString();
        }
        return licence.has("name")
                ? licence.get("name").asString()
                : choice.path("expression").asString("none");
    }

    private static boolean allowed(String licence) {
        for (String choice : licence.replaceAll("[()]", "").split(" OR ", -1)) {
            boolean all = true;
            for (String part : choice.split(" AND ", -1)) {
                all &= ALLOWED.contains(part.strip());
            }
            if (all) {
                return true;
            }
        }
        return false;
    }
}
