package io.cybershield.lookout;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * @param geo file of places in MaxMind's format; without it countries and distances are not seen
 */
@ConfigurationProperties("cybershield.access")
record LookoutSettings(@Nullable Path geo) {}
