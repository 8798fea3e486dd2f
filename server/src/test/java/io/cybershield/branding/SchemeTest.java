package io.cybershield.branding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Contrast by WCAG 2.2, against a reckoning of its own and against all colours that there are. */
class SchemeTest {
    private static final int COLOURS = 1 << 24;

    /** As the definition says it, without a table. */
    private static double contrast(Colour one, Colour two) {
        double a = luminance(one) + 0.05;
        double b = luminance(two) + 0.05;
        return a > b ? a / b : b / a;
    }

    private static double luminance(Colour c) {
        return 0.2126 * linear(c.red()) + 0.7152 * linear(c.green()) + 0.0722 * linear(c.blue());
    }

    private static double linear(int eight) {
        double c = eight / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }

    private static boolean readable(Scheme scheme, Colour accent) {
        return scheme.surfaces().stream()
                .allMatch(surface -> contrast(accent, surface.colour()) >= 4.5);
    }

    @Test
    void surfacesAreThoseThatThePagesHave() throws IOException {
        String tokens =
                Files.readString(Path.of("..", "web", "src", "shared", "theme", "tokens.css"));
        for (Scheme scheme : Scheme.values()) {
            String head =
                    ":root[data-mantine-color-scheme=\""
                            + scheme.name().toLowerCase(Locale.ROOT)
                            + "\"] {";
            String part = tokens.substring(tokens.indexOf(head));
            part = part.substring(0, part.indexOf('}'));
            var names = List.of("bg", "surface", "surface-2", "surface-3");
            for (int i = 0; i < names.size(); i++) {
                assertThat(part)
                        .contains(
                                "--"
                                        + names.get(i)
                                        + ": "
                                        + scheme.surfaces().get(i).colour()
                                        + ";");
            }
            assertThat(part).contains("--text: " + scheme.text() + ";");
        }
    }

    @Test
    void knownRatiosComeOut() {
        assertThat(new Colour(0).contrast(Colour.WHITE)).isEqualTo(21);
        assertThat(Colour.WHITE.contrast(Colour.WHITE)).isEqualTo(1);
        assertThat(Colour.read("#777777").orElseThrow().contrast(Colour.WHITE))
                .isBetween(4.47, 4.49);
        assertThat(Colour.read("#767676").orElseThrow().contrast(Colour.WHITE))
                .isBetween(4.54, 4.55);
    }

    @Test
    void theProductsOwnAccentPasses() {
        assertThat(Scheme.LIGHT.takes(Colour.read("#3d57d4").orElseThrow())).isTrue();
        assertThat(Scheme.DARK.takes(Colour.read("#7d95ff").orElseThrow())).isTrue();
    }

    @Test
    void whatIsTakenIsReadableOnEverySurfaceAndNothingElseIsTaken() {
        var random = new Random(33);
        for (Scheme scheme : Scheme.values()) {
            for (int i = 0; i < 100_000; i++) {
                var accent = new Colour(random.nextInt(COLOURS));
                assertThat(scheme.takes(accent))
                        .as("%s %s", scheme, accent)
                        .isEqualTo(readable(scheme, accent));
            }
        }
    }

    @Test
    void whatFollowsFromAnAccentIsReadable() {
        var random = new Random(34);
        for (Scheme scheme : Scheme.values()) {
            for (int i = 0; i < 20_000; i++) {
                var accent = new Colour(random.nextInt(COLOURS));
                if (!scheme.takes(accent)) {
                    continue;
                }
                var shades = scheme.shades(accent);
                assertThat(contrast(shades.solid(), Colour.WHITE))
                        .as("white on %s of %s", shades.solid(), accent)
                        .isGreaterThanOrEqualTo(4.5);
                assertThat(contrast(shades.hover(), Colour.WHITE)).isGreaterThanOrEqualTo(4.5);
                assertThat(contrast(shades.soft(), scheme.text()))
                        .as("words on %s of %s", shades.soft(), accent)
                        .isGreaterThanOrEqualTo(4.5);
                assertThat(contrast(shades.soft(), accent))
                        .as("%s on %s", accent, shades.soft())
                        .isGreaterThanOrEqualTo(3);
                for (var surface : scheme.surfaces()) {
                    assertThat(contrast(shades.solid(), surface.colour()))
                            .as(
                                    "%s: button %s of %s on %s",
                                    scheme, shades.solid(), accent, surface)
                            .isGreaterThanOrEqualTo(3);
                }
            }
        }
    }

    @Test
    void theNearestThatIsOfferedIsTheNearestOfAll() {
        var random = new Random(35);
        for (Scheme scheme : Scheme.values()) {
            for (int tried = 0; tried < 4; ) {
                var accent = new Colour(random.nextInt(COLOURS));
                if (scheme.takes(accent)) {
                    continue;
                }
                tried++;
                Colour offered = scheme.nearest(accent);
                assertThat(readable(scheme, offered)).isTrue();
                double least = Double.MAX_VALUE;
                for (int rgb = 0; rgb < COLOURS; rgb++) {
                    var one = new Colour(rgb);
                    // First what is cheap to know.
                    if (scheme.takes(one)) {
                        least = Math.min(least, one.distance(accent));
                    }
                }
                // Nobody sees a hundredth of what tells two neighbours of eight bits apart.
                assertThat(Math.sqrt(offered.distance(accent)))
                        .as("%s for %s in %s", offered, accent, scheme)
                        .isLessThanOrEqualTo(Math.sqrt(least) + 0.0005);
            }
        }
    }

    @Test
    void aRefusalNamesTheNumberTheSurfaceAndAColourThatPasses() {
        var failing = Scheme.LIGHT.failing(Colour.read("#f2b84b").orElseThrow()).orElseThrow();
        assertThat(failing.contrast()).isEqualTo("1.54");
        assertThat(failing.on().colour()).hasToString("#ebeff4");
        assertThat(Scheme.LIGHT.takes(failing.nearest())).isTrue();
        assertThat(Scheme.LIGHT.failing(failing.nearest())).isEmpty();
    }

    @Test
    void aSheetIsMadeOfColoursThatPassOnly() {
        assertThat(Accent.of("accent-3d57d4-7d95ff.css")).isPresent();
        assertThat(Accent.of("accent-ffffff-7d95ff.css")).isEmpty();
        assertThat(Accent.of("accent-3d57d4-000000.css")).isEmpty();
        for (String made :
                new String[] {
                    "accent-3d57d4-7d95ff.CSS",
                    "accent-3D57D4-7d95ff.css",
                    "accent-3d57d4-7d95ff.css/",
                    "accent-3d57d4-7d95ff;}.css",
                    "accent-3d57d4.css",
                    "../accent-3d57d4-7d95ff.css"
                }) {
            assertThat(Accent.of(made)).as(made).isEmpty();
        }
        assertThat(Accent.of("accent-3d57d4-7d95ff.css").orElseThrow().css())
                .matches("[-:a-z0-9#\\[\\]=\"{}; \\n]+")
                .contains("--accent: #3d57d4;", "--accent: #7d95ff;");
    }
}
