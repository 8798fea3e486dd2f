package io.cybershield.notification;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds the links in a mail's text. */
final class Links {
    private static final Pattern LINK = Pattern.compile("https?://[^\\s<>\"]+");

    private Links() {}

    static List<String> in(String text) {
        return LINK.matcher(text).results().map(MatchResult::group).toList();
    }
}
