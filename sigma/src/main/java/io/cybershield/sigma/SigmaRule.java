package io.cybershield.sigma;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One rule, wholly understood.
 *
 * @param id as given; a rule without one gets an id made from its path, so that it stays the same
 *     from load to load
 * @param name the short name that correlation rules may refer to
 * @param level medium when the rule does not say
 * @param author who wrote it; the Detection Rule License asks that findings keep it
 * @param tags as written, for example {@code attack.t1059.001}
 * @param date as written, normally {@code YYYY-MM-DD}
 * @param fields what an analyst wants to see of a matching event
 * @param path the file it came from
 * @param text the whole text of that file
 */
public record SigmaRule(
        String id,
        @Nullable String name,
        String title,
        @Nullable String description,
        Status status,
        Level level,
        LogSource logSource,
        List<String> tags,
        @Nullable String author,
        @Nullable String license,
        List<String> references,
        List<String> falsePositives,
        @Nullable String date,
        @Nullable String modified,
        List<String> fields,
        Detection detection,
        String path,
        String text)
        implements RuleHeader {

    private static final Pattern TECHNIQUE = Pattern.compile("attack\\.(t\\d{4}(?:\\.\\d{3})?)");
    private static final Pattern OTHER_ATTACK = Pattern.compile("attack\\.[gs]\\d{4}");

    /** ATT&amp;CK technique ids among the tags, as ATT&amp;CK writes them: {@code T1059.001}. */
    public List<String> techniques() {
        return tags.stream()
                .map(tag -> TECHNIQUE.matcher(tag.toLowerCase(Locale.ROOT)))
                .filter(java.util.regex.Matcher::matches)
                .map(match -> match.group(1).toUpperCase(Locale.ROOT))
                .distinct()
                .toList();
    }

    /** ATT&amp;CK tactics among the tags, by short name: {@code lateral-movement}. */
    public List<String> tactics() {
        return tags.stream()
                .map(tag -> tag.toLowerCase(Locale.ROOT))
                .filter(tag -> tag.startsWith("attack."))
                .filter(tag -> !TECHNIQUE.matcher(tag).matches())
                .filter(tag -> !OTHER_ATTACK.matcher(tag).matches())
                .map(tag -> tag.substring("attack.".length()).replace('_', '-'))
                .distinct()
                .toList();
    }

    SigmaRule with(Detection other) {
        return new SigmaRule(
                id,
                name,
                title,
                description,
                status,
                level,
                logSource,
                tags,
                author,
                license,
                references,
                falsePositives,
                date,
                modified,
                fields,
                other,
                path,
                text);
    }
}
