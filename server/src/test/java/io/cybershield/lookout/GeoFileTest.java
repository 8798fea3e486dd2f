package io.cybershield.lookout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.lookout.Place.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeoFileTest {
    @TempDir private Path folder;

    @Test
    void saysWhereAddressesAre() throws IOException {
        try (var file = GeoFile.open(TestPlaces.write(folder.resolve("places.mmdb")))) {
            assertThat(file.type()).isEqualTo("GeoLite2-City");
            assertThat(file.find(TestPlaces.address(TestPlaces.BERLIN)))
                    .isEqualTo(new Place("DE", new Position(52.52, 13.405, 20)));
            assertThat(file.find(TestPlaces.address(TestPlaces.SAO_PAULO)).country())
                    .isEqualTo("BR");
            assertThat(file.find(TestPlaces.address("8.8.8.8"))).isEqualTo(Place.UNKNOWN);
        }
    }

    /** Whatever a file says of them: they are everywhere. */
    @Test
    void privateNetworksHaveNoCountry() throws IOException {
        try (var file = GeoFile.open(TestPlaces.write(folder.resolve("places.mmdb")))) {
            for (String address :
                    List.of(
                            "10.1.2.3",
                            "192.168.0.1",
                            "172.16.5.5",
                            "127.0.0.1",
                            "169.254.1.1",
                            "100.64.0.1",
                            "::1",
                            "fd00::1",
                            "fe80::1")) {
                assertThat(file.find(TestPlaces.address(address)))
                        .as(address)
                        .isEqualTo(Place.UNKNOWN);
            }
        }
    }

    @Test
    void readsTheLayoutsOfOtherMakers() {
        var dbIp =
                Map.of(
                        "country",
                        Map.of("iso_code", "FR"),
                        "location",
                        Map.of("latitude", 48.8, "longitude", 2.3));
        assertThat(GeoFile.place(dbIp)).isEqualTo(new Place("FR", new Position(48.8, 2.3, 500)));
        var ipInfo = Map.of("country", "us", "lat", "37.4", "lng", "-122.1");
        assertThat(GeoFile.place(ipInfo))
                .isEqualTo(new Place("US", new Position(37.4, -122.1, 500)));
        var ipInfoLite = Map.of("country", "United States", "country_code", "US");
        assertThat(GeoFile.place(ipInfoLite)).isEqualTo(new Place("US", null));
        var abroad = Map.of("registered_country", Map.of("iso_code", "CH"));
        assertThat(GeoFile.place(abroad)).isEqualTo(new Place("CH", null));
    }

    @Test
    void whatHasAnotherShapeCountsAsNotThere() {
        assertThat(GeoFile.place(Map.of("country", List.of("DE"), "location", "here")))
                .isEqualTo(Place.UNKNOWN);
        assertThat(GeoFile.place(Map.of("country", Map.of("iso_code", "<b>"))))
                .isEqualTo(Place.UNKNOWN);
        assertThat(GeoFile.place(Map.of("latitude", 200.0, "longitude", 0.0)))
                .isEqualTo(Place.UNKNOWN);
        assertThat(GeoFile.place(Map.of("latitude", Double.NaN, "longitude", 0.0)))
                .isEqualTo(Place.UNKNOWN);
    }

    @Test
    void aFileThatIsNoneIsNamed() throws IOException {
        Path none = folder.resolve("none.mmdb");
        assertThatThrownBy(() -> GeoFile.open(none)).hasMessageContaining("cannot be read");
        Files.writeString(none, "this is no file of places");
        assertThatThrownBy(() -> GeoFile.open(none)).isInstanceOf(IOException.class);
        byte[] cut = Files.readAllBytes(TestPlaces.write(folder.resolve("whole.mmdb")));
        Files.write(none, java.util.Arrays.copyOfRange(cut, cut.length / 2, cut.length));
        assertThatThrownBy(() -> GeoFile.open(none)).isInstanceOf(IOException.class);
    }
}
