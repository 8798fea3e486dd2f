package io.cybershield.notification;

import org.jspecify.annotations.Nullable;

/**
 * One message to one address.
 *
 * @param subject one line
 * @param dedupeKey unique per tenant: sending the same key again changes nothing
 */
public record Mail(
        String to, String subject, String text, @Nullable String html, String dedupeKey) {
    public Mail {
        if (subject.lines().count() > 1 || to.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException(
                    "A mail's subject is one line, its address one word");
        }
    }
}
