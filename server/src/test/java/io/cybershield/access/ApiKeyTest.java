package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ApiKeyTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void isMadeReadAndHashed() {
        ApiKey key = ApiKey.make(random);
        assertThat(key.text()).matches("cybershield_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}");
        assertThat(ApiKey.read(key.text())).contains(key);
        assertThat(key.hash()).hasSize(32).isEqualTo(ApiKey.read(key.text()).orElseThrow().hash());
        assertThat(key.text()).endsWith(key.hint());
    }

    @Test
    void isAnotherEachTime() {
        var made = new HashSet<String>();
        for (int i = 0; i < 1_000; i++) {
            made.add(ApiKey.make(random).text());
        }
        assertThat(made).hasSize(1_000);
    }

    @Test
    void isNeverPrinted() {
        ApiKey key = ApiKey.make(random);
        assertThat(key.toString()).doesNotContain(key.text().substring(12, 40));
    }

    @Property(tries = 500)
    void anyOneWrongCharacterIsSeenWithoutLookingItUp(
            @ForAll @IntRange(min = 0, max = 61) int at, @ForAll char wrong) {
        String text = ApiKey.make(random).text();
        String slipped = text.substring(0, at) + wrong + text.substring(at + 1);
        assertThat(ApiKey.read(slipped).isPresent()).isEqualTo(slipped.equals(text));
    }

    @Property(tries = 200)
    void aKeyThatIsCutOffIsSeen(@ForAll @IntRange(min = 0, max = 61) int length) {
        assertThat(ApiKey.read(ApiKey.make(random).text().substring(0, length))).isEmpty();
    }
}
