package io.cybershield.sigma;

import io.cybershield.sigma.Evaluation.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One rule, compiled for the field names of one kind of event.
 *
 * @param rule the place of the rule among those of its set
 * @param fields what the rule calls the slots that it looks at
 * @param reasons what may be told as the reason of a hit: the searches that the condition asks for
 *     other than under {@code not}
 */
record Program(
        SigmaRule source,
        int rule,
        Node condition,
        List<Reasons> reasons,
        Map<Integer, String> fields) {

    /** Characters of a value of the event that are told. */
    static final int LONGEST_VALUE = 1000;

    /** A search identifier, and the fields that it looks at. */
    record Reasons(String selection, Node holds, List<Asked> asked) {}

    /** A field of a search, and the checks that its values became. */
    record Asked(String field, List<Integer> checks) {}

    Hit hit(Evaluation event) {
        var matched = new ArrayList<Hit.Matched>();
        for (Reasons reason : reasons) {
            if (!reason.holds().holds(event)) {
                continue;
            }
            for (Asked asked : reason.asked()) {
                for (int check : asked.checks()) {
                    String value = event.found(check);
                    if (value != null) {
                        matched.add(
                                new Hit.Matched(
                                        reason.selection(),
                                        asked.field(),
                                        value.length() <= LONGEST_VALUE
                                                ? value
                                                : value.substring(0, LONGEST_VALUE)));
                        break;
                    }
                }
            }
        }
        return new Hit(source, List.copyOf(matched));
    }
}
