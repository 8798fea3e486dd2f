package io.cybershield.connector.traffic;

import io.cybershield.connector.Connection;

/**
 * Those who wait for connections, as the context knows them that runs them. In the tenant's scope.
 */
public interface WaitingSteps {
    long count(Connection connection);

    /** The connection was closed by hand: they may ask again at once. */
    void goOn(Connection connection);
}
