package io.cybershield.access;

import io.cybershield.platform.Origins;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.security.oauth2.server.authorization.web.OAuth2ClientAuthenticationFilter;
import org.springframework.security.oauth2.server.authorization.web.OAuth2TokenEndpointFilter;
import org.springframework.security.oauth2.server.authorization.web.OAuth2TokenRevocationEndpointFilter;
import org.springframework.security.oauth2.server.authorization.web.authentication.OAuth2ErrorAuthenticationFailureHandler;
import org.springframework.security.oauth2.server.resource.BearerTokenError;
import org.springframework.security.oauth2.server.resource.BearerTokenErrors;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.NullRequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;
import org.springframework.session.web.http.CookieSerializer;
import org.springframework.session.web.http.DefaultCookieSerializer;
import org.springframework.transaction.support.SimpleTransactionStatus;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Eight doors: for sources and webhooks, for this machine's operator, for registered programs that
 * ask for a token, for those that ask who their person is, for directories, for programs with a
 * key, for programs with a token, for people.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessSettings.class)
class SecurityConfiguration {
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
                    + " font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'"
                    + " blob:; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action"
                    + " 'self'; frame-ancestors 'none'";
    private static final Pattern SESSION_ID = Pattern.compile("[A-Za-z0-9_-]{36}");
    private static final Scope SESSIONS = Scope.platform("session");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Settings settings;
    private final HandlerExceptionResolver problems;

    SecurityConfiguration(
            Settings settings,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /**
     * Sources show their own token to the ingest context, webhooks what theirs asks for; no
     * session.
     */
    @Bean
    @Order(1)
    SecurityFilterChain sources(HttpSecurity http) {
        return common(http.securityMatcher("/api/v1/ingest/**", "/hooks/**"))
                .csrf(csrf -> csrf.disable())
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    /** The command line. */
    @Bean
    @Order(2)
    SecurityFilterChain operator(HttpSecurity http) {
        return common(http.securityMatcher("/api/v1/operator/**"))
                .csrf(csrf -> csrf.disable())
                .addFilterBefore(new OperatorFilter(settings), AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(requests ->
                        requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                                .permitAll()
                                .anyRequest()
                                .hasAuthority(OperatorFilter.AUTHORITY))
                .build();
    }

    /** Registered programs ask for tokens; a browser's cookie counts for nothing here. */
    @Bean
    @Order(3)
    SecurityFilterChain tokenEndpoint(HttpSecurity http, OauthServer server) {
        AuthenticationManager manager = server.manager();
        var paths = PathPatternRequestMatcher.withDefaults();
        var ours =
                new OrRequestMatcher(
                        paths.matcher(OauthServer.TOKEN), paths.matcher(OauthServer.REVOKE));
        var asking = new OAuth2ClientAuthenticationFilter(manager, ours);
        asking.setAuthenticationConverter(server.clients());
        AuthenticationFailureHandler answer = new OAuth2ErrorAuthenticationFailureHandler();
        AuthenticationFailureHandler counted =
                (request, response, why) -> {
                    if (why instanceof OAuth2AuthenticationException refused) {
                        server.refused(request, refused);
                    }
                    answer.onAuthenticationFailure(request, response, why);
                };
        asking.setAuthenticationFailureHandler((request, response, why) -> {
            if (why instanceof OAuth2AuthenticationException refused
                    && refused.getError().getErrorCode().equals(OAuth2ErrorCodes.INVALID_CLIENT)) {
                server.refused(request, refused);
                unknownClient(response);
            } else {
                counted.onAuthenticationFailure(request, response, why);
            }
        });
        var giving = new OAuth2TokenEndpointFilter(manager, OauthServer.TOKEN);
        giving.setAuthenticationConverter(server.grants());
        giving.setAuthenticationFailureHandler(counted);
        return common(http.securityMatcher(ours))
                .csrf(csrf -> csrf.disable())
                .addFilterBefore(asking, AnonymousAuthenticationFilter.class)
                .addFilterBefore(new GuessingFilter(server), OAuth2ClientAuthenticationFilter.class)
                .addFilterAfter(giving, AuthorizationFilter.class)
                .addFilterAfter(
                        new OAuth2TokenRevocationEndpointFilter(manager, OauthServer.REVOKE),
                        AuthorizationFilter.class)
                .exceptionHandling(c ->
                        c.authenticationEntryPoint((_, response, _) -> unknownClient(response)))
                .authorizeHttpRequests(requests ->
                        requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                                .permitAll()
                                .requestMatchers(
                                        HttpMethod.POST, OauthServer.TOKEN, OauthServer.REVOKE)
                                .authenticated()
                                .anyRequest()
                                .denyAll())
                .build();
    }

    /** Programs ask who their person is, with an access token; a cookie counts for nothing here. */
    @Bean
    @Order(4)
    SecurityFilterChain userInfo(HttpSecurity http, OauthServer server) {
        AuthenticationEntryPoint challenge =
                (_, response, why) ->
                        challenge(
                                response,
                                why instanceof OAuth2AuthenticationException refused
                                                && refused.getError()
                                                        instanceof BearerTokenError error
                                        ? error
                                        : null);
        var shown = new DefaultBearerTokenResolver();
        // Some libraries do so with POST (RFC 6750, 2.2); never in an address, which is in logs.
        shown.setAllowFormEncodedBodyParameter(true);
        var reading = new BearerTokenAuthenticationConverter();
        reading.setBearerTokenResolver(request -> shown.resolve(withPlainType(request)));
        var bearer =
                new BearerTokenAuthenticationFilter((AuthenticationManager) server::shown, reading);
        bearer.setAuthenticationEntryPoint(challenge);
        return common(http.securityMatcher(OpenId.USERINFO))
                .csrf(csrf -> csrf.disable())
                .addFilterBefore(bearer, AnonymousAuthenticationFilter.class)
                .exceptionHandling(c ->
                        c.authenticationEntryPoint(challenge)
                                .accessDeniedHandler((_, response, _) ->
                                        challenge(
                                                response,
                                                BearerTokenErrors.insufficientScope(
                                                        "The token tells of no person",
                                                        OidcScopes.OPENID))))
                .authorizeHttpRequests(requests ->
                        requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                                .permitAll()
                                .requestMatchers(HttpMethod.GET, OpenId.USERINFO)
                                .hasAuthority(OidcScopes.OPENID)
                                .requestMatchers(HttpMethod.POST, OpenId.USERINFO)
                                .hasAuthority(OidcScopes.OPENID)
                                .anyRequest()
                                .denyAll())
                .build();
    }

    /** Spring knows the type of a form without a charset only. */
    private static HttpServletRequest withPlainType(HttpServletRequest request) {
        return new HttpServletRequestWrapper(request) {
            @Override
            public @Nullable String getContentType() {
                String type = super.getContentType();
                return type == null ? null : type.replaceFirst("\\s*;.*", "");
            }
        };
    }

    /**
     * As RFC 6750 says. Spring's own would name a document of RFC 9728, which there is not.
     *
     * @param error null where nothing was shown
     */
    private static void challenge(HttpServletResponse response, @Nullable BearerTokenError error) {
        String header = "Bearer";
        if (error != null) {
            header +=
                    " error=\""
                            + error.getErrorCode()
                            + "\", error_description=\""
                            + error.getDescription()
                            + "\""
                            + (error.getScope() == null
                                    ? ""
                                    : ", scope=\"" + error.getScope() + "\"");
        }
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, header);
        response.setStatus(
                error == null
                        ? HttpServletResponse.SC_UNAUTHORIZED
                        : error.getHttpStatus().value());
    }

    private static void unknownClient(HttpServletResponse response) throws IOException {
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"oauth2\"");
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        response.getWriter().write("{\"error\":\"invalid_client\"}");
    }

    /** Directories, by a key that opens nothing else. */
    @Bean
    @Order(5)
    SecurityFilterChain directories(
            HttpSecurity http, ApiKeys keys, ScimShapes shapes, Policy policy) {
        return common(http.securityMatcher(ScimShapes.BASE, ScimShapes.BASE + "/**"))
                .csrf(csrf -> csrf.disable())
                .addFilterBefore(
                        new BearerFilter(
                                keys::authenticateDirectory,
                                policy::scopeOf,
                                (_, response, problem) ->
                                        refuse(
                                                response,
                                                shapes,
                                                problem.problem().status(),
                                                problem.detail())),
                        AnonymousAuthenticationFilter.class)
                .exceptionHandling(c ->
                        c.authenticationEntryPoint((_, response, _) -> {
                            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
                            refuse(
                                    response,
                                    shapes,
                                    401,
                                    "Send the key that was made in Settings > Provisioning as"
                                            + " 'Authorization: Bearer ...'.");
                        }))
                .authorizeHttpRequests(requests ->
                        requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                                .permitAll()
                                .anyRequest()
                                .authenticated())
                .build();
    }

    private static void refuse(
            HttpServletResponse response, ScimShapes shapes, int status, String detail)
            throws IOException {
        response.setStatus(status);
        response.setContentType(ScimController.SCIM.toString());
        response.getWriter().write(shapes.error(status, null, detail).toString());
    }

    /** Programs, by API key; what is a person's own business is shut to them. */
    @Bean
    @Order(6)
    SecurityFilterChain programs(HttpSecurity http, ApiKeys keys, Access access, Policy policy) {
        return programs(
                http.securityMatcher(BearerFilter::carriesKey),
                new BearerFilter(keys::authenticate, policy::scopeOf, this::answer),
                access);
    }

    /** Programs, by access token: as by key. */
    @Bean
    @Order(7)
    SecurityFilterChain registeredPrograms(
            HttpSecurity http, AccessTokens tokens, Access access, Policy policy) {
        return programs(
                http.securityMatcher(BearerFilter::carriesToken),
                new BearerFilter(tokens::authenticate, policy::scopeOf, this::answer),
                access);
    }

    private SecurityFilterChain programs(HttpSecurity http, Filter door, Access access) {
        return common(http)
                .csrf(csrf -> csrf.disable())
                .addFilterBefore(door, AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(requests ->
                        requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                                .permitAll()
                                .requestMatchers("/api/v1/account/**", "/api/v1/live")
                                .denyAll()
                                .requestMatchers("/api/v1/audit", "/api/v1/audit/**")
                                .access(permission(access, "audit:read"))
                                .requestMatchers("/api/**")
                                .authenticated()
                                .anyRequest()
                                .denyAll())
                .build();
    }

    /** People, by session cookie; and what anybody may read. */
    @Bean
    @Order(8)
    SecurityFilterChain people(
            HttpSecurity http,
            Csrf csrf,
            Origins origins,
            Sessions sessions,
            Access access,
            Policy policy) {
        return common(http)
                .addFilterBefore(new OriginFilter(origins, this::answer), CsrfFilter.class)
                .csrf(c ->
                        c.csrfTokenRepository(csrf.repository())
                                .csrfTokenRequestHandler(csrf.handler()))
                .addFilterBefore(
                        new SessionFilter(sessions, policy::scopeOf, this::answer),
                        AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(requests ->
                        requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                                .permitAll()
                                .requestMatchers(
                                        HttpMethod.GET,
                                        "/api/v1/session",
                                        "/api/v1/look",
                                        "/api/v1/plans")
                                .permitAll()
                                .requestMatchers(
                                        HttpMethod.POST,
                                        "/api/v1/sign-up",
                                        "/api/v1/sign-up/verify",
                                        "/api/v1/sign-in",
                                        "/api/v1/sign-in/*",
                                        "/api/v1/totp/*",
                                        "/api/v1/passkey/*",
                                        "/api/v1/sign-out",
                                        "/api/v1/password/*",
                                        EmailChangeController.CONFIRM,
                                        "/api/v1/company-deletions/take-back",
                                        "/api/v1/invitations/accept",
                                        "/api/v1/oauth-refusals")
                                .permitAll()
                                .requestMatchers(HttpMethod.GET, "/api/v1/developer/mailbox")
                                .permitAll()
                                // One's own business, and nothing for whoever acts elsewhere.
                                .requestMatchers(
                                        "/api/v1/account/**",
                                        "/api/v1/approval-delegations/**",
                                        "/api/v1/provider/**",
                                        "/api/v1/providers/**")
                                .access(atHome(access))
                                // The trail is below us in the order of contexts, so its right is
                                // asked for here.
                                .requestMatchers("/api/v1/audit", "/api/v1/audit/**")
                                .access(permission(access, "audit:read"))
                                .requestMatchers("/api/**")
                                .authenticated()
                                .requestMatchers("/actuator/health", "/actuator/health/**")
                                .permitAll()
                                .requestMatchers("/actuator/prometheus")
                                .access(SecurityConfiguration::loopback)
                                .requestMatchers("/actuator/**")
                                .denyAll()
                                .anyRequest()
                                .permitAll())
                .build();
    }

    private HttpSecurity common(HttpSecurity http) {
        boolean secure = "https".equals(settings.publicUrl().getScheme());
        return http.securityContext(c ->
                        c.securityContextRepository(
                                new RequestAttributeSecurityContextRepository()))
                // Ours are begun and renewed in BrowserSession; its filter would change ids too.
                .sessionManagement(c -> c.disable())
                .requestCache(c -> c.requestCache(new NullRequestCache()))
                .formLogin(c -> c.disable())
                .httpBasic(c -> c.disable())
                .logout(c -> c.disable())
                .exceptionHandling(c ->
                        c.authenticationEntryPoint((request, response, _) ->
                                        answer(
                                                request,
                                                response,
                                                SessionFilter.suspended(request)
                                                        .map(Account.Suspension::refusal)
                                                        .orElseGet(() ->
                                                                AccessProblems.NOT_SIGNED_IN
                                                                        .because(
                                                                                "Sign in with both"
                                                                                    + " factors"
                                                                                    + " first."))))
                                .accessDeniedHandler(this::denied))
                .headers(headers -> {
                    headers.contentSecurityPolicy(c -> c.policyDirectives(CONTENT_SECURITY_POLICY))
                            .frameOptions(c -> c.deny())
                            .referrerPolicy(c -> c.policy(ReferrerPolicy.SAME_ORIGIN))
                            .permissionsPolicyHeader(c ->
                                    c.policy(
                                            "camera=(), geolocation=(), microphone=(), usb=(),"
                                                    + " publickey-credentials-create=(self),"
                                                    + " publickey-credentials-get=(self)"))
                            .crossOriginOpenerPolicy(c ->
                                    c.policy(
                                            org.springframework.security.web.header.writers
                                                    .CrossOriginOpenerPolicyHeaderWriter
                                                    .CrossOriginOpenerPolicy.SAME_ORIGIN))
                            .crossOriginResourcePolicy(c ->
                                    c.policy(
                                            org.springframework.security.web.header.writers
                                                    .CrossOriginResourcePolicyHeaderWriter
                                                    .CrossOriginResourcePolicy.SAME_ORIGIN));
                    if (secure) {
                        headers.httpStrictTransportSecurity(c ->
                                c.requestMatcher(AnyRequestMatcher.INSTANCE)
                                        .maxAgeInSeconds(Duration.ofDays(365).toSeconds())
                                        .includeSubDomains(false));
                    } else {
                        headers.httpStrictTransportSecurity(c -> c.disable());
                    }
                });
    }

    private void denied(
            HttpServletRequest request, HttpServletResponse response, AccessDeniedException e) {
        ProblemException problem;
        if (e instanceof CsrfException) {
            problem =
                    AccessProblems.CSRF.because(
                            "The header X-XSRF-TOKEN is missing or is not the value of the cookie"
                                    + " XSRF-TOKEN.");
        } else if (e.getCause() instanceof ProblemException known) {
            problem = known;
        } else {
            problem = AccessProblems.DENIED.because("This address is not open to you.");
        }
        answer(request, response, problem);
    }

    private void answer(
            HttpServletRequest request, HttpServletResponse response, ProblemException problem) {
        problems.resolveException(request, response, null, problem);
    }

    private static AuthorizationManager<RequestAuthorizationContext> permission(
            Access access, String permission) {
        return (_, _) -> {
            if (access.current().isEmpty()) {
                return new AuthorizationDecision(false);
            }
            try {
                access.require(permission);
                return new AuthorizationDecision(true);
            } catch (ProblemException e) {
                throw new AccessDeniedException("denied", e);
            }
        };
    }

    private static AuthorizationManager<RequestAuthorizationContext> atHome(Access access) {
        return (_, _) ->
                new AuthorizationDecision(
                        access.current().filter(person -> person.grant() == null).isPresent());
    }

    private static AuthorizationDecision loopback(
            Supplier<? extends Authentication> who, RequestAuthorizationContext context) {
        return new AuthorizationDecision(OperatorFilter.isLoopback(context.getRequest()));
    }

    /** Spring's own sign-in is never used; this also keeps its default user away. */
    @Bean
    AuthenticationManager authenticationManager() {
        return _ -> {
            throw new BadCredentialsException("Sign in through /api/v1/sign-in");
        };
    }

    @Bean
    CookieSerializer cookieSerializer() {
        var cookie =
                new DefaultCookieSerializer() {
                    /**
                     * What has not the shape of an id is nobody's and never reaches the database.
                     */
                    @Override
                    public List<String> readCookieValues(HttpServletRequest request) {
                        return super.readCookieValues(request).stream()
                                .filter(id -> SESSION_ID.matcher(id).matches())
                                .toList();
                    }
                };
        cookie.setCookieName("CSSESSION");
        cookie.setCookiePath("/");
        cookie.setUseHttpOnlyCookie(true);
        cookie.setSameSite("Strict");
        cookie.setUseSecureCookie("https".equals(settings.publicUrl().getScheme()));
        return cookie;
    }

    @Bean
    SessionRepositoryCustomizer<JdbcIndexedSessionRepository> sessionBounds(AccessSettings bounds) {
        return sessions -> {
            sessions.setDefaultMaxInactiveInterval(bounds.idle());
            sessions.setSessionIdGenerator(SecurityConfiguration::sessionId);
        };
    }

    /** 216 random bits, in the 36 characters that their column has. */
    private static String sessionId() {
        byte[] bits = new byte[27];
        RANDOM.nextBytes(bits);
        return Base64.getUrlEncoder().encodeToString(bits);
    }

    /** Sessions are read and written in transactions of their own, under the platform's scope. */
    @Bean
    TransactionOperations springSessionTransactionOperations(Transactions transactions) {
        return new TransactionOperations() {
            @Override
            @SuppressWarnings("NullAway") // null in, null out, as the callback has it
            public <T extends @org.jspecify.annotations.Nullable Object> T execute(
                    TransactionCallback<T> action) {
                return SESSIONS.get(() ->
                        transactions.callSeparately(
                                () -> action.doInTransaction(new SimpleTransactionStatus())));
            }
        };
    }
}
