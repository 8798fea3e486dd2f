package io.cybershield.sigma;

import java.util.List;

/** Says, when rules are compiled, which events a log source stands for. */
@FunctionalInterface
public interface LogSourceResolver {

    /** The ways in; one of them is enough. None: no event here can ever reach the rule. */
    List<Gate> gates(LogSource source);

    /** Every rule looks at every event, whatever its log source. For tests and single rules. */
    static LogSourceResolver open() {
        return _ -> List.of(Gate.OPEN);
    }
}
