package io.cybershield.policy;

import java.time.Instant;
import java.time.ZoneOffset;

/**
 * How somebody asks.
 *
 * @param mfaAge seconds since both factors were given
 * @param time seconds since 1970
 * @param hour 0 to 23, UTC
 * @param weekday 1 for Monday to 7, UTC
 * @param network address; empty if not known
 */
public record Circumstances(long mfaAge, long time, long hour, long weekday, String network) {

    public static Circumstances at(Instant now, long mfaAge, String network) {
        var utc = now.atOffset(ZoneOffset.UTC);
        return new Circumstances(
                mfaAge,
                now.getEpochSecond(),
                utc.getHour(),
                utc.getDayOfWeek().getValue(),
                network);
    }
}
