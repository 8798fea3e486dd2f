package io.cybershield.lookout;

import org.jspecify.annotations.Nullable;

/**
 * Where an address is, as far as the operator's file says.
 *
 * @param country two letters (ISO 3166); null where the file does not say
 * @param position null likewise
 */
record Place(@Nullable String country, @Nullable Position position) {
    static final Place UNKNOWN = new Place(null, null);

    /**
     * @param accuracyKm the true place is within so many kilometres
     */
    record Position(double latitude, double longitude, double accuracyKm) {
        private static final double EARTH_KM = 6371.0088;

        /** Along the surface, from middle to middle. */
        double kmTo(Position other) {
            double a1 = Math.toRadians(latitude);
            double a2 = Math.toRadians(other.latitude);
            double da = (a2 - a1) / 2;
            double db = Math.toRadians(other.longitude - longitude) / 2;
            double h =
                    Math.sin(da) * Math.sin(da)
                            + Math.cos(a1) * Math.cos(a2) * Math.sin(db) * Math.sin(db);
            return 2 * EARTH_KM * Math.asin(Math.sqrt(Math.min(1, h)));
        }

        /** As far as they are apart at least, whatever the places within their accuracy are. */
        double leastKmTo(Position other) {
            return Math.max(0, kmTo(other) - accuracyKm - other.accuracyKm);
        }
    }
}
