package io.cybershield.platform;

import io.cybershield.platform.Problem.Category;
import io.cybershield.platform.Problem.Place;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.ConstraintViolationException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Shapes every error as problem+json; no stack trace, nothing of another tenant. */
@RestControllerAdvice
public class ProblemAdvice {
    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    /** Also for filters, which run outside the advice's reach. */
    public static ProblemDetail detail(ProblemException e, String instance) {
        var detail = ProblemDetail.forStatus(e.problem().status());
        detail.setType(URI.create(e.problem().type()));
        detail.setTitle(e.problem().title());
        detail.setDetail(e.detail());
        detail.setInstance(URI.create(instance));
        if (!e.places().isEmpty()) {
            detail.setProperty("errors", e.places());
        }
        e.extras().forEach(detail::setProperty);
        return detail;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> problem(ProblemException e, HttpServletRequest request) {
        if (e.problem().category() == Category.BUG) {
            log.error("problem type={} detail=\"{}\"", e.problem().slug(), e.detail(), e);
        } else if (e.problem().category() == Category.OUTSIDE) {
            log.warn("problem type={} detail=\"{}\"", e.problem().slug(), e.detail());
        }
        var headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (e.extras().get("retryAfterSeconds") instanceof Number seconds) {
            headers.set(HttpHeaders.RETRY_AFTER, seconds.toString());
        }
        return new ResponseEntity<>(
                detail(e, request.getRequestURI()),
                headers,
                org.springframework.http.HttpStatusCode.valueOf(e.problem().status()));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> invalid(
            MethodArgumentNotValidException e, HttpServletRequest request) {
        List<Place> places =
                e.getBindingResult().getFieldErrors().stream()
                        .map(f ->
                                new Place(
                                        "#/" + f.getField().replace('.', '/'),
                                        String.valueOf(f.getDefaultMessage())))
                        .toList();
        return problem(
                Problems.INVALID.because("Some values cannot be taken as they are.", places),
                request);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> invalid(
            HandlerMethodValidationException e, HttpServletRequest request) {
        List<Place> places =
                e.getParameterValidationResults().stream()
                        .flatMap(r ->
                                r.getResolvableErrors().stream()
                                        .map(m ->
                                                new Place(
                                                        "#/"
                                                                + r.getMethodParameter()
                                                                        .getParameterName(),
                                                        String.valueOf(m.getDefaultMessage()))))
                        .toList();
        return problem(
                Problems.INVALID.because("Some values cannot be taken as they are.", places),
                request);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> invalid(
            ConstraintViolationException e, HttpServletRequest request) {
        List<Place> places =
                e.getConstraintViolations().stream()
                        .map(v -> new Place("#/" + v.getPropertyPath(), v.getMessage()))
                        .toList();
        return problem(
                Problems.INVALID.because("Some values cannot be taken as they are.", places),
                request);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unreadable(
            HttpMessageNotReadableException e, HttpServletRequest request) {
        Throwable cause = e.getMostSpecificCause();
        return problem(
                Problems.MALFORMED.because(
                        "The body is not the JSON that this address takes: "
                                + firstLine(cause.getMessage())),
                request);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> mismatch(
            MethodArgumentTypeMismatchException e, HttpServletRequest request) {
        return e.getRequiredType() == UUID.class
                ? problem(Problems.NOT_FOUND.because("There is no such thing."), request)
                : problem(
                        Problems.MALFORMED.because(
                                "Parameter '" + e.getName() + "' cannot be read as given."),
                        request);
    }

    /** No connection came free in time, or the database is not there: nothing has begun. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> busy(
            CannotCreateTransactionException e, HttpServletRequest request) {
        log.warn("database is busy or away cause=\"{}\"", e.getMostSpecificCause().getMessage());
        return problem(
                Problems.BUSY.because(
                        "The database took no more work in time. Nothing was done.",
                        Map.of("retryAfterSeconds", 2)),
                request);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> any(Exception e, HttpServletRequest request) {
        if (e instanceof ErrorResponse framework) {
            int status = framework.getStatusCode().value();
            Problem problem =
                    switch (status) {
                        case 404 -> Problems.NOT_FOUND;
                        case 405, 406, 415 -> Problems.UNSUPPORTED;
                        case 413 -> Problems.TOO_LARGE;
                        default -> Problems.MALFORMED;
                    };
            if (status < 500) {
                String said = framework.getBody().getDetail();
                return problem(problem.because(said == null ? problem.help() : said), request);
            }
        }
        String trace = UUID.randomUUID().toString();
        log.error("unexpected trace={} path={}", trace, request.getRequestURI(), e);
        return problem(
                Problems.UNEXPECTED.because("Look for trace " + trace + " in the log."), request);
    }

    private static String firstLine(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "no detail" : text.lines().findFirst().orElse("no detail");
    }
}
