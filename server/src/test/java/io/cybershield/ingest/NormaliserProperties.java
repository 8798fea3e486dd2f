package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever comes in: never an exception, never a loss. */
class NormaliserProperties {
    private static final List<String> SEEDS =
            List.of(
                    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 [a@1"
                            + " k=\"v\\\"]\"] 'su root' failed",
                    "Nov 20 04:05:06 web01 sshd[4321]: Failed password for invalid user oracle from"
                            + " 203.0.113.9 port 52022 ssh2",
                    "2020-03-25 09:01:30.852002-0700  localhost sshd[11885]: error: maximum"
                        + " authentication attempts exceeded for root from 1.2.3.4 port 34100 ssh2"
                        + " [preauth]",
                    "Nov 20 04:05:06 web01 sudo:   al : TTY=pts/1 ; PWD=/home/al ; USER=root ;"
                            + " COMMAND=/bin/bash -c x",
                    "Nov 20 04:05:06 web01 CRON[11]: (root) CMD (curl x | sh)",
                    "203.0.113.9 - bob [20/Nov/2026:04:05:06 +0000] \"GET /a?b=c HTTP/1.1\" 200 512"
                            + " \"-\" \"Mozilla\"",
                    "{\"Event\":{\"System\":{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"PC\"},\"EventData\":{\"Image\":\"C:\\\\a.exe\",\"ProcessId\":\"0x4\",\"Hashes\":\"MD5=1,SHA256=2\"}}}",
                    "{\"EventID\":4624,\"Channel\":\"Security\",\"LogonType\":\"3\",\"IpAddress\":\"::1\",\"IpPort\":\"99999\"}",
                    "{\"__REALTIME_TIMESTAMP\":\"1700000000000000\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"MESSAGE\":\"Invalid"
                        + " user x from 1.2.3.4\"}",
                    "<34>Oct 11 22:14:15 fw1 CEF:0|V|P|1|7|worm found|9|src=10.0.0.1 dst=2.1.2.2"
                            + " act=blocked rt=1789818565000 request=http://a.example/?b=c",
                    "LEEF:2.0|V|P|1|7|^|src=10.0.0.1^dst=2.1.2.2^dstPort=80^cat=login^usrName=bob",
                    "node=w type=SYSCALL msg=audit(1795301994.638:7): arch=c000003e syscall=59"
                            + " exe=\"/bin/sh\" pid=9\nnode=w type=EXECVE"
                            + " msg=audit(1795301994.638:7): argc=1 a0=6C73",
                    "{\"time\":1e300,\"severity\":[],\"message\":{\"a\":null}}");

    @Property(tries = 2_000)
    void anyBytesBecomeAnEventThatKeepsThem(@ForAll byte[] body, @ForAll("formats") String format) {
        check(format, body);
    }

    @Property(tries = 4_000)
    void damagedRecordsBecomeEventsThatKeepThem(
            @ForAll("damaged") byte[] body, @ForAll("formats") String format) {
        check(format, body);
    }

    @Property(tries = 1_000)
    void searchWordsNeverFailAndStayBounded(@ForAll String text) {
        Event event = TestEvents.of("syslog", text);
        assertThat(Words.of(event).length()).isLessThan(20_000);
        assertThat(Words.query(text)).doesNotContain("''");
    }

    private static void check(String format, byte[] body) {
        Event event = TestEvents.of(format, body);
        assertThat(event.raw()).isEqualTo(Texts.clean(new String(body, StandardCharsets.UTF_8)));
        assertThat(event.ocsf()).containsKeys("class_uid", "time", "metadata", "severity_id");
        assertThat(event.occurredAt()).isBeforeOrEqualTo(TestEvents.RECEIVED.plusSeconds(86_400));
        // What the database would refuse must not be in it.
        assertThat(Normaliser.JSON.writeValueAsString(event.ocsf()))
                .doesNotContain("\\u0000", "\\uD8", "\\uDC");
    }

    @Provide
    Arbitrary<String> formats() {
        return Arbitraries.of("json", "evtx", "syslog", "text");
    }

    /** Real records with bytes changed, taken out, doubled or cut off. */
    @Provide
    Arbitrary<byte[]> damaged() {
        return Combinators.combine(
                        Arbitraries.of(SEEDS),
                        Arbitraries.longs(),
                        Arbitraries.integers().between(0, 12))
                .as((seed, random, changes) -> {
                    var dice = new Random(random);
                    var text = new StringBuilder(seed);
                    for (int i = 0; i < changes && !text.isEmpty(); i++) {
                        int at = dice.nextInt(text.length());
                        switch (dice.nextInt(5)) {
                            case 0 -> text.setCharAt(at, (char) dice.nextInt(0x300));
                            case 1 -> text.deleteCharAt(at);
                            case 2 ->
                                    text.insert(
                                            at,
                                            text.substring(at, Math.min(text.length(), at + 20)));
                            case 3 -> text.setLength(at);
                            default ->
                                    text.insert(at, "\"[]{}()\\=<>: \0".charAt(dice.nextInt(14)));
                        }
                    }
                    return text.toString().getBytes(StandardCharsets.UTF_8);
                });
    }
}
