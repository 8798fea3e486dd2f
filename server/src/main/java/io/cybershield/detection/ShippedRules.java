package io.cybershield.detection;

import io.cybershield.sigma.RuleSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/** The rules that come with the product; every tenant has them. */
@Component
class ShippedRules {
    private static final String FOLDER = "content/sigma/rules/";
    private final RuleReading reading;
    private final String hash;

    ShippedRules() {
        List<RuleSource> sources = sources();
        this.reading = RuleReading.of(sources, List.of());
        this.hash =
                HexFormat.of()
                        .formatHex(
                                Hashes.of(
                                        sources.stream()
                                                .map(s -> s.path() + "\n" + s.text())
                                                .toList()));
    }

    RuleReading reading() {
        return reading;
    }

    /** Changes when any shipped rule does. */
    String hash() {
        return hash;
    }

    static List<RuleSource> sources() {
        try {
            Resource[] files =
                    new PathMatchingResourcePatternResolver()
                            .getResources("classpath*:" + FOLDER + "**/*.yml");
            var sources = new ArrayList<RuleSource>();
            for (Resource file : files) {
                String url = file.getURL().toString();
                String path = url.substring(url.lastIndexOf(FOLDER) + FOLDER.length());
                try (InputStream in = file.getInputStream()) {
                    sources.add(
                            new RuleSource(
                                    "shipped/" + path,
                                    new String(in.readAllBytes(), StandardCharsets.UTF_8)));
                }
            }
            sources.sort(Comparator.comparing(RuleSource::path));
            return sources;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
