package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Conditions in CEL over {@code trigger}, {@code steps}, {@code run} and {@code tenant}: no input
 * or output, bounded work.
 */
@Component
final class Expressions {
    private static final CelOptions LIMITS =
            CelOptions.current()
                    .maxExpressionCodePointSize(10_000)
                    .maxParseRecursionDepth(40)
                    .comprehensionMaxIterations(10_000)
                    .build();
    private static final CelCompiler COMPILER = compiler();
    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.standardCelRuntimeBuilder()
                    .setOptions(LIMITS)
                    .addLibraries(CelOptionalLibrary.INSTANCE)
                    .build();

    private final Cache<String, CelRuntime.Program> programs =
            Caffeine.newBuilder().maximumSize(2_000).build();

    /** An expression that cannot be read or computed; the message names the place. */
    static final class BadExpression extends Exception {
        private static final long serialVersionUID = 1L;

        BadExpression(String message) {
            super(message);
        }
    }

    /** What is wrong with an expression; empty when it compiles. */
    Optional<String> problem(String expression) {
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
    boolean test(String expression, Map<String, Object> context) throws BadExpression {
        Object value;
        try {
            value = program(expression).eval(context);
        } catch (CelEvaluationException e) {
            throw new BadExpression(
                    "'" + expression + "' could not be computed: " + e.getMessage());
        }
        if (value instanceof Boolean answer) {
            return answer;
        }
        throw new BadExpression(
                "'" + expression + "' must come to true or false, but came to " + value + ".");
    }

    /**
     * @throws BadExpression if it does not compile, fails, or comes to something else than a list
     */
    List<@Nullable Object> items(String expression, Map<String, Object> context)
            throws BadExpression {
        Object value;
        try {
            value = program(expression).eval(context);
        } catch (CelEvaluationException e) {
            throw new BadExpression(
                    "'" + expression + "' could not be computed: " + e.getMessage());
        }
        if (value instanceof List<?> list) {
            var items = new java.util.ArrayList<@Nullable Object>(list.size());
            for (Object item : list) {
                items.add(json(item));
            }
            return items;
        }
        throw new BadExpression(
                "'" + expression + "' must come to a list, but came to " + value + ".");
    }

    /** As JSON has it; what JSON does not know becomes text. */
    private static @Nullable Object json(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case dev.cel.common.values.NullValue _ -> null;
            case String text -> text;
            case Boolean flag -> flag;
            case Number number ->
                    number.doubleValue() == number.longValue()
                            ? number.longValue()
                            : number.doubleValue();
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, inner) -> copy.put(key.toString(), json(inner)));
                yield copy;
            }
            case List<?> list -> {
                var copy = new java.util.ArrayList<@Nullable Object>(list.size());
                for (Object inner : list) {
                    copy.add(json(inner));
                }
                yield copy;
            }
            default -> value.toString();
        };
    }

    private CelRuntime.Program program(String expression) throws BadExpression {
        CelRuntime.Program known = programs.getIfPresent(expression);
        if (known != null) {
            return known;
        }
        try {
            CelAbstractSyntaxTree tree = COMPILER.compile(expression).getAst();
            CelRuntime.Program made = RUNTIME.createProgram(tree);
            programs.put(expression, made);
            return made;
        } catch (CelValidationException e) {
            throw new BadExpression(
                    String.valueOf(e.getMessage()).replaceFirst("^ERROR: <input>:", "at "));
        } catch (CelEvaluationException e) {
            throw new BadExpression(String.valueOf(e.getMessage()));
        }
    }

    private static CelCompiler compiler() {
        var builder =
                CelCompilerFactory.standardCelCompilerBuilder()
                        .setOptions(LIMITS)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .addLibraries(CelOptionalLibrary.INSTANCE);
        Consumer<String> variable = name -> builder.addVar(name, SimpleType.DYN);
        List.of("trigger", "steps", "run", "tenant", "item", "index").forEach(variable);
        return builder.build();
    }

    /** Makes whole numbers long and drops nulls, as CEL has it. */
    static Object plain(@Nullable Object value) {
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
            case null -> dev.cel.common.values.NullValue.NULL_VALUE;
            default -> value;
        };
    }
}
