package io.cybershield.evtx;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.time.Clock;
import java.time.Instant;

/** The module is of use to anyone who has a JDK, and the same bytes always give the same events. */
@AnalyzeClasses(packages = "io.cybershield.evtx", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule needsTheJdkAlone =
            classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("io.cybershield.evtx", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule readsNoFilesOfItsOwnAccord =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.nio.file..", "java.net..")
                    .orShould()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            File.class,
                            java.io.FileInputStream.class,
                            java.io.FileOutputStream.class,
                            java.io.RandomAccessFile.class);

    @ArchTest
    static final ArchRule knowsNoClockNorChance =
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
