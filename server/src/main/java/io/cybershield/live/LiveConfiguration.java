package io.cybershield.live;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Origins;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.eventlog.AvroSchemas;
import io.cybershield.platform.eventlog.EventLog;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.server.HandshakeInterceptor;
import tools.jackson.databind.json.JsonMapper;

/** Wires pushes everywhere, sockets where people connect. */
@Configuration(proxyBeanMethods = false)
class LiveConfiguration {
    static final String PATH = "/api/v1/live";

    @Bean(destroyMethod = "close")
    LivePushes live(
            EventLog eventLog,
            DomainEvents events,
            AvroSchemas schemas,
            Transactions transactions,
            Ids ids,
            JsonMapper json,
            ObjectProvider<LiveHub> hub,
            Settings settings,
            MeterRegistry registry) {
        return new LivePushes(
                eventLog,
                events,
                schemas.wire(LiveOnWire.class),
                transactions,
                ids,
                new Frames(json),
                hub.getIfAvailable(),
                settings.isOneNode(),
                registry);
    }

    @Bean
    Starter liveStarter(LivePushes live) {
        return new Starter(live);
    }

    record Starter(LivePushes live) {
        @EventListener(ApplicationReadyEvent.class)
        void start() {
            live.start();
        }
    }

    /** Where people connect. */
    @Configuration(proxyBeanMethods = false)
    @EnableWebSocket
    @RunsIn(Role.WEB)
    static class Sockets {
        @Bean(destroyMethod = "close")
        LiveHub liveHub(LiveAccess access, JsonMapper json, MeterRegistry registry) {
            return new LiveHub(access, json, registry);
        }

        /** From our own pages only; Spring's rule would also take any name that points at us. */
        @Bean
        WebSocketConfigurer liveSockets(LiveHub hub, LiveAccess access, Origins origins) {
            return registry ->
                    registry.addHandler(hub, PATH)
                            .setAllowedOrigins("*")
                            .addInterceptors(new OwnPagesOnly(origins), new SignedInOnly(access));
        }
    }

    /** Refuses the handshake that a page of another address asks for. */
    private record OwnPagesOnly(Origins origins) implements HandshakeInterceptor {
        @Override
        public boolean beforeHandshake(
                ServerHttpRequest request,
                ServerHttpResponse response,
                WebSocketHandler handler,
                Map<String, Object> attributes) {
            var headers = request.getHeaders();
            boolean fits = origins.fits(headers.getOrigin(), headers.getFirst(HttpHeaders.HOST));
            if (!fits) {
                response.setStatusCode(HttpStatus.FORBIDDEN);
            }
            return fits;
        }

        @Override
        public void afterHandshake(
                ServerHttpRequest request,
                ServerHttpResponse response,
                WebSocketHandler handler,
                @Nullable Exception e) {}
    }

    /** Refuses the handshake of whoever has no session; the security chain does so before us. */
    private record SignedInOnly(LiveAccess access) implements HandshakeInterceptor {
        @Override
        public boolean beforeHandshake(
                ServerHttpRequest request,
                ServerHttpResponse response,
                WebSocketHandler handler,
                Map<String, Object> attributes) {
            Optional<LiveAccess.Watcher> watcher = access.watcher(request);
            if (watcher.isEmpty()) {
                response.setStatusCode(HttpStatus.UNAUTHORIZED);
                return false;
            }
            attributes.put(LiveHub.WATCHER, watcher.get());
            return true;
        }

        @Override
        public void afterHandshake(
                ServerHttpRequest request,
                ServerHttpResponse response,
                WebSocketHandler handler,
                @Nullable Exception e) {}
    }
}
