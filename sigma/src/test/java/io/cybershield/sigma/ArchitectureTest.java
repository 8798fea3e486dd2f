package io.cybershield.sigma;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.UUID;

/** The module is pure: it decides from its arguments alone. */
@AnalyzeClasses(packages = "io.cybershield.sigma", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule USES_THE_JDK_AND_TWO_LIBRARIES_ONLY =
            ArchRuleDefinition.classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.cybershield.sigma",
                            "java.lang..",
                            "java.util..",
                            "java.math",
                            "java.nio",
                            "java.nio.charset",
                            "java.time..",
                            "java.io",
                            "org.snakeyaml.engine..",
                            "com.google.re2j",
                            "org.jspecify.annotations");

    @ArchTest
    static final ArchRule TOUCHES_NO_FILE_NETWORK_OR_PROCESS =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("java.io.File")
                    .orShould()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile|ObjectInputStream)")
                    .orShould()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.lang\\.(Process.*|Runtime)");

    @ArchTest
    static final ArchRule READS_NO_CLOCK =
            noClasses()
                    .should()
                    .callMethod(System.class, "nanoTime")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(Instant.class, "now")
                    .orShould()
                    .callMethod(LocalDateTime.class, "now")
                    .orShould()
                    .callMethod(ZonedDateTime.class, "now")
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(Clock.class);

    @ArchTest
    static final ArchRule IS_NEVER_RANDOM =
            noClasses()
                    .should()
                    .callMethod(UUID.class, "randomUUID")
                    .orShould()
                    .callMethod(Math.class, "random")
                    .orShould()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.(util|security)\\..*Random.*");
}
