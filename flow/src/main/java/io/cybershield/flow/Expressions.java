package io.cybershield.flow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.CelStandardFunctions.StandardFunction;
import io.cybershield.engine.Payload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * CEL over the data of a run: no input or output, bounded work. Values are data and never read as
 * expressions. Safe for any number of threads.
 */
public final class Expressions {
    /** What every expression, transform and place may start with. */
    static final List<String> ROOTS =
            List.of("trigger", "steps", "vars", "run", "tenant", "item", "index");

    private static final CelOptions LIMITS =
            CelOptions.current()
                    .maxExpressionCodePointSize(10_000)
                    .maxParseRecursionDepth(40)
                    .maxParseExpressionNodeCount(2_000)
                    .comprehensionMaxIterations(10_000)
                    .build();
    private static final long MOST_REGEX_WORK = 5_000_000;

    /** For the functions that are given only their arguments. */
    private static final ThreadLocal<@Nullable Budget> CURRENT = new ThreadLocal<>();

    private static final CelCompiler COMPILER = compiler();
    private static final CelRuntime RUNTIME = runtime();

    private final Cache<String, CelRuntime.Program> programs =
            Caffeine.newBuilder().maximumSize(2_000).build();

    /** An expression that cannot be read or computed; the message names the place. */
    public static final class BadExpression extends Exception {
        private static final long serialVersionUID = 1L;

        BadExpression(String message) {
            super(message);
        }
    }

    /** What is wrong with an expression; empty when it compiles. */
    public Optional<String> problem(String expression) {
        try {
            program(expression);
            return Optional.empty();
        } catch (BadExpression e) {
            return Optional.ofNullable(e.getMessage());
        }
    }

    /**
     * @throws BadExpression if it does not compile, fails, or comes to something else than true or
     *     false
     */
    public boolean test(String expression, Map<String, Object> context) throws BadExpression {
        if (compute(expression, context) instanceof Boolean answer) {
            return answer;
        }
        throw new BadExpression(
                "'" + shortened(expression) + "' must come to true or false, but does not.");
    }

    /**
     * What an expression comes to, in JSON's types.
     *
     * @throws BadExpression if it does not compile, fails, does too much, or comes to something
     *     that JSON has not
     */
    public @Nullable Object value(String expression, Map<String, Object> context)
            throws BadExpression {
        return json(expression, compute(expression, context), 0);
    }

    /**
     * @throws BadExpression if it does not compile, fails, does too much, or comes to something
     *     else than a list
     */
    public List<@Nullable Object> items(String expression, Map<String, Object> context)
            throws BadExpression {
        Object found = compute(expression, context);
        if (found instanceof PayloadView.Entries entries) {
            return counted(expression, entries::items);
        }
        if (json(expression, found, 1) instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        throw new BadExpression(
                "'" + shortened(expression) + "' must come to a list, but does not.");
    }

    private static <T> T counted(String expression, Supplier<T> reads) throws BadExpression {
        try {
            return reads.get();
        } catch (Budget.Spent e) {
            throw new BadExpression(
                    "'" + shortened(expression) + "' could not be computed: " + e.getMessage());
        }
    }

    private Object compute(String expression, Map<String, Object> context) throws BadExpression {
        var budget = Budget.ofCel();
        Budget outer = CURRENT.get();
        CURRENT.set(budget);
        try {
            Object value =
                    program(expression).trace(context, (part, made) -> count(budget, part, made));
            budget.seen(value);
            return value;
        } catch (CelEvaluationException e) {
            throw new BadExpression(
                    "'"
                            + shortened(expression)
                            + "' could not be computed: "
                            + (spent(e) instanceof Budget.Spent spent
                                    ? spent.getMessage()
                                    : e.getMessage()));
        } catch (Budget.Spent | IllegalArgumentException e) {
            throw new BadExpression(
                    "'" + shortened(expression) + "' could not be computed: " + e.getMessage());
        } catch (StackOverflowError e) {
            throw new BadExpression("'" + shortened(expression) + "' is nested too deeply.");
        } finally {
            CURRENT.set(outer);
        }
    }

    private static @Nullable Throwable spent(Throwable e) {
        Throwable cause = e;
        while (cause != null && !(cause instanceof Budget.Spent)) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What a name or a field stands for was there before; only what is made new counts. */
    private static void count(Budget budget, CelExpr part, Object value) {
        budget.step();
        switch (part.getKind()) {
            case LIST, MAP, COMPREHENSION -> budget.seen(value);
            case CALL -> {
                // The list that a loop gathers into grows in place: it is weighed when the loop is
                // over.
                if (value instanceof List<?> list
                        && list.getClass().getSimpleName().equals("ConcatenatedListView")) {
                    if (list.size() > Budget.LARGEST_VALUE / 16) {
                        throw new Budget.Spent("A list is too long.");
                    }
                } else {
                    budget.seen(value);
                }
            }
            default -> {}
        }
    }

    private CelRuntime.Program program(String expression) throws BadExpression {
        CelRuntime.Program known = programs.getIfPresent(expression);
        if (known != null) {
            return known;
        }
        try {
            CelRuntime.Program made = RUNTIME.createProgram(tree(expression));
            programs.put(expression, made);
            return made;
        } catch (CelEvaluationException e) {
            throw new BadExpression(String.valueOf(e.getMessage()));
        }
    }

    static CelAbstractSyntaxTree tree(String expression) throws BadExpression {
        try {
            return COMPILER.compile(expression).getAst();
        } catch (CelValidationException e) {
            String text = String.valueOf(e.getMessage()).replaceFirst("^ERROR: <input>:", "at ");
            throw new BadExpression(
                    text.contains("'secrets'")
                            ? text
                                    + ". Secrets can be used only as {{ secrets.name }} in a"
                                    + " setting that is sent, such as a header."
                            : text);
        } catch (StackOverflowError e) {
            throw new BadExpression("It is nested too deeply.");
        }
    }

    private static CelCompiler compiler() {
        var builder =
                CelCompilerFactory.standardCelCompilerBuilder()
                        .setOptions(LIMITS)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .addLibraries(CelOptionalLibrary.INSTANCE);
        ROOTS.forEach(name -> builder.addVar(name, SimpleType.DYN));
        builder.addVar(RetryCondition.FAILURE, SimpleType.DYN);
        return builder.build();
    }

    private static CelRuntime runtime() {
        return CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(LIMITS)
                .setStandardEnvironmentEnabled(false)
                .setStandardFunctions(
                        CelStandardFunctions.newBuilder()
                                .excludeFunctions(
                                        StandardFunction.CONTAINS, StandardFunction.MATCHES)
                                .build())
                .addLibraries(CelOptionalLibrary.INSTANCE)
                .addFunctionBindings(
                        CelFunctionBinding.from(
                                "contains_string",
                                String.class,
                                String.class,
                                (text, part) -> Search.contains(text, part, current())),
                        CelFunctionBinding.from(
                                "matches", String.class, String.class, Expressions::matches),
                        CelFunctionBinding.from(
                                "matches_string", String.class, String.class, Expressions::matches))
                .build();
    }

    private static Budget current() {
        Budget budget = CURRENT.get();
        return budget == null ? Budget.ofCel() : budget;
    }

    /**
     * RE2: time grows with the length of the text times the size of the pattern, so their product
     * is bounded.
     */
    private static boolean matches(String text, String pattern) {
        try {
            if (pattern.length() > 1_000) {
                throw new IllegalArgumentException(
                        "a pattern may have 1000 characters, this one has "
                                + pattern.length()
                                + ".");
            }
            Pattern compiled = Pattern.compile(pattern);
            if ((long) compiled.programSize() * text.length() > MOST_REGEX_WORK) {
                throw new IllegalArgumentException(
                        "the text is too long for this pattern. Cut one of them down.");
            }
            current().search((long) compiled.programSize() * text.length());
            return compiled.matcher(text).find();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "'" + shortened(pattern) + "' is no pattern: " + e.getDescription() + ".", e);
        }
    }

    static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + " ...";
    }

    private static @Nullable Object json(String expression, @Nullable Object value, int depth)
            throws BadExpression {
        switch (value) {
            case null -> {
                return null;
            }
            case NullValue _ -> {
                return null;
            }
            case PayloadView view -> {
                // All of a payload goes on as it is; a part of one must be a small one.
                Payload payload = depth == 0 ? view.root() : null;
                return payload != null
                        ? payload
                        : json(expression, counted(expression, view::whole), depth + 1);
            }
            case String _, Boolean _, Long _ -> {
                return value;
            }
            case Double number -> {
                if (Double.isFinite(number)) {
                    return number;
                }
                throw new BadExpression(
                        "'" + shortened(expression) + "' comes to a number that JSON has not.");
            }
            case Optional<?> maybe -> {
                return json(expression, maybe.orElse(null), depth + 1);
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                for (Object item : list) {
                    copy.add(json(expression, item, depth + 1));
                }
                return copy;
            }
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                for (var entry : map.entrySet()) {
                    copy.put(
                            String.valueOf(entry.getKey()),
                            json(expression, entry.getValue(), depth + 1));
                }
                return copy;
            }
            default -> {
                return value.toString();
            }
        }
    }

    /** Makes whole numbers long and drops nulls, as CEL has it. */
    public static Object plain(@Nullable Object value) {
        return switch (value) {
            case Integer i -> i.longValue();
            case Short s -> s.longValue();
            case Float f -> f.doubleValue();
            case java.math.BigDecimal d -> d.doubleValue();
            case java.math.BigInteger b -> b.longValue();
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, Object>();
                map.forEach((k, v) -> {
                    if (v != null) {
                        copy.put(k.toString(), plain(v));
                    }
                });
                yield copy;
            }
            case List<?> list -> list.stream().map(Expressions::plain).toList();
            case null -> NullValue.NULL_VALUE;
            default -> value;
        };
    }
}
