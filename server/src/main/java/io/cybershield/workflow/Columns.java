package io.cybershield.workflow;

import java.lang.reflect.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Columns as the driver wants them. */
final class Columns {
    private Columns() {}

    static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }

    /** An array of one column, a row each. */
    @SuppressWarnings({
        "unchecked",
        "NullAway"
    }) // of the class that is given; a column may hold nulls
    static <T, V> V[] column(List<T> rows, Class<V> type, Function<T, @Nullable V> of) {
        return rows.stream().map(of).toArray(n -> (V[]) Array.newInstance(type, n));
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var value = row.getTimestamp(column);
        return value == null ? null : value.toInstant();
    }

    static UUID uuid(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
