package io.cybershield.notification;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How mail leaves; the server itself is configured by {@code spring.mail.*}.
 *
 * @param from sender of every mail
 * @param attempts tries before a mail counts as dead
 * @param firstDelay wait after the first failure; doubles with each further one, up to an hour
 * @param lease longest time that one try may take before another worker takes over
 */
@ConfigurationProperties("cybershield.mail")
record MailSettings(
        @DefaultValue("CyberShield <cybershield@localhost>") String from,
        @DefaultValue("8") int attempts,
        @DefaultValue("5s") Duration firstDelay,
        @DefaultValue("2m") Duration lease) {}
