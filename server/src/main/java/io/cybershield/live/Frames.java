package io.cybershield.live;

import tools.jackson.databind.json.JsonMapper;

/** What goes over the socket, as text. */
final class Frames {
    static final String PONG = "{\"op\":\"pong\"}";
    private final JsonMapper json;

    Frames(JsonMapper json) {
        this.json = json;
    }

    String data(Object data) {
        return json.writeValueAsString(data);
    }

    /**
     * @param data JSON already
     */
    String message(String topic, String id, String type, String data) {
        return "{\"topic\":"
                + data(topic)
                + ",\"id\":"
                + data(id)
                + ",\"type\":"
                + data(type)
                + ",\"data\":"
                + data
                + "}";
    }

    String resync(String topic) {
        return "{\"op\":\"resync\",\"topic\":" + data(topic) + "}";
    }

    String denied(String topic, String detail) {
        return "{\"op\":\"denied\",\"topic\":" + data(topic) + ",\"detail\":" + data(detail) + "}";
    }
}
