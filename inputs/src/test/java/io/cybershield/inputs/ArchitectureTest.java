package io.cybershield.inputs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.time.Clock;
import java.time.Instant;

/** The same bytes always give the same records, to whoever asks. */
@AnalyzeClasses(packages = "io.cybershield.inputs", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NEEDS_THE_JDK_AND_A_JSON_PARSER_ONLY =
            classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.cybershield.inputs",
                            "io.cybershield.evtx",
                            "java.lang..",
                            "java.util..",
                            "java.math",
                            "java.nio",
                            "java.nio.charset",
                            "java.nio.file",
                            "java.time..",
                            "java.io",
                            "tools.jackson.core..",
                            "org.jspecify.annotations");

    /** It may name what a file system says went wrong, but opens nothing itself. */
    @ArchTest
    static final ArchRule OPENS_NO_FILE_AND_NO_CONNECTION =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            File.class,
                            java.io.FileInputStream.class,
                            java.io.FileOutputStream.class,
                            java.io.RandomAccessFile.class,
                            java.nio.file.Path.class,
                            java.nio.file.Files.class);

    @ArchTest
    static final ArchRule KNOWS_NO_CLOCK_NOR_CHANCE =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(Clock.class, java.util.Random.class, Thread.class)
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(System.class, "nanoTime")
                    .orShould()
                    .callMethod(Instant.class, "now");
}
