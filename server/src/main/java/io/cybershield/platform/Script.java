package io.cybershield.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterUtils;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Statements that change rows and go to the database together: carried out one after the other, in
 * one round trip.
 */
public final class Script {
    private final StringJoiner text = new StringJoiner(";\n");
    private final List<@Nullable Object> values = new ArrayList<>();

    /**
     * @param statement returns no rows; its parameters are named, as {@code :name}
     * @param parameters of this statement; arrays stay arrays
     */
    public Script add(String statement, Map<String, ? extends @Nullable Object> parameters) {
        var parsed = NamedParameterUtils.parseSqlStatement(statement);
        var source = new MapSqlParameterSource(parameters);
        text.add(NamedParameterUtils.substituteNamedParameters(parsed, source));
        values.addAll(
                java.util.Arrays.asList(NamedParameterUtils.buildValueArray(parsed, source, null)));
        return this;
    }

    /**
     * As {@link #add}, for a statement that finds many rows by a key: it goes by the index. A plan
     * is kept; one that was made while the table was small would otherwise read all of it for each
     * key once it is large, until somebody counts its rows.
     */
    public Script addByIndex(String statement, Map<String, ? extends @Nullable Object> parameters) {
        text.add("SET LOCAL enable_seqscan = off");
        add(statement, parameters);
        text.add("SET LOCAL enable_seqscan TO DEFAULT");
        return this;
    }

    /** Does nothing when nothing was added. */
    public void run(JdbcClient jdbc) {
        if (text.length() > 0) {
            jdbc.sql(text.toString()).params(values).update();
        }
    }
}
