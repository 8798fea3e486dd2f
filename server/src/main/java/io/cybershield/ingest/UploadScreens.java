package io.cybershield.ingest;

import io.cybershield.live.Live;
import io.cybershield.live.Live.Message;
import java.util.List;
import org.springframework.stereotype.Component;

/** Shows on open screens how far the reading of files has come. */
@Component
class UploadScreens {
    UploadScreens(Live live) {
        live.on(
                UploadChanged.class,
                (_, event) -> List.of(new Message("uploads", "upload.changed", event.upload())));
    }
}
