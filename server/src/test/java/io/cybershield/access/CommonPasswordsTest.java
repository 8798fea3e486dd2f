package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CommonPasswordsTest {
    private final CommonPasswords common = new CommonPasswords();

    /** ASVS 6.2.4 wants 3,000 of those that the other rules would take. */
    @Test
    void knowsTenThousandAndMoreThatAreLongEnough() {
        assertThat(common.size()).isGreaterThan(10_000);
    }

    @Test
    void refusesWhatPeopleUseMostWhateverTheCapitals() {
        for (String used :
                List.of(
                        "123qweasdzxc",
                        "1qaz2wsx3edc",
                        "qwerty123456",
                        "123456789qwe",
                        "sonyericsson",
                        "leavemealone",
                        "1Q2w3E4r5T6y",
                        "QWERTYqwerty",
                        "adminadmin#123")) {
            assertThat(common.contains(used)).as(used).isTrue();
        }
    }

    @Test
    void takesWhatNobodyUses() {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            String made =
                    IntStream.range(0, 16)
                            .mapToObj(_ -> String.valueOf((char) ('!' + random.nextInt(94))))
                            .collect(Collectors.joining());
            assertThat(common.contains(made)).as(made).isFalse();
        }
        assertThat(common.contains("correct battery horse 9")).isFalse();
        assertThat(common.contains("")).isFalse();
    }
}
