package io.cybershield.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditEventTest {

    private static AuditEvent event(String... lines) {
        return new AuditEvent(Arrays.stream(lines).map(AuditRecord::parse).toList());
    }

    @Test
    void recordsOfOneCallAnswerTogether() {
        AuditEvent event =
                event(
                        "type=SYSCALL msg=audit(1.000:7): arch=c000003e syscall=59 success=yes"
                                + " exe=\"/usr/bin/curl\" pid=9 ppid=8 uid=33 auid=1000 a0=ff",
                        "type=EXECVE msg=audit(1.000:7): argc=3 a0=\"curl\" a1=\"-o\""
                                + " a2[0]=2F746D70 a2[1]=\"/a\"",
                        "type=CWD msg=audit(1.000:7): cwd=\"/srv\"",
                        "type=PATH msg=audit(1.000:7): item=0 name=\"/srv\" nametype=PARENT",
                        "type=PATH msg=audit(1.000:7): item=1 name=\"new\" nametype=CREATE");
        assertThat(event.commandLine()).isEqualTo("curl -o /tmp/a");
        assertThat(event.syscall()).isEqualTo("execve");
        assertThat(event.user()).isEqualTo("33");
        assertThat(event.loginUser()).isEqualTo("1000");
        assertThat(event.files())
                .containsExactly(new AuditEvent.File("/srv/new", AuditEvent.Naming.CREATE));
        assertThat(event.fields())
                .containsEntry("type", List.of("SYSCALL", "EXECVE", "CWD", "PATH"))
                .containsEntry("a0", List.of("ff", "curl"))
                .containsEntry("serial", "7");
    }

    @Test
    void aPartOfAnEventAnswersForItselfAlone() {
        AuditEvent alone =
                event("type=PATH msg=audit(1.000:7): item=1 name=\"new\" nametype=DELETE");
        assertThat(alone.commandLine()).isNull();
        assertThat(alone.user()).isNull();
        assertThat(alone.succeeded()).isTrue();
        assertThat(alone.files())
                .containsExactly(new AuditEvent.File("new", AuditEvent.Naming.DELETE));
        assertThat(event("type=SYSCALL msg=audit(1.000:7): success=no").succeeded()).isFalse();
        assertThat(event("type=USER_AUTH msg=audit(1.000:8): msg='res=failed'").succeeded())
                .isFalse();
    }

    @Test
    void onlyRecordsOfOneMachineAndSerialBelongTogether() {
        String one = "node=a type=CWD msg=audit(1.000:7): cwd=\"/\"";
        assertThat(key(one)).isEqualTo(key("node=a type=PATH msg=audit(1.000:7): item=0"));
        assertThat(key(one)).isEqualTo(key("<13>Nov 20 04:05:06 h audispd: " + one));
        assertThat(key(one)).isNotEqualTo(key(one.replace("node=a", "node=b")));
        assertThat(key(one)).isNotEqualTo(key(one.replace(":7)", ":8)")));
        assertThat(key("we talked about msg=audit(1.000:7): today")).isNull();
        assertThat(key("")).isNull();
    }

    private static String key(String line) {
        return AuditRecord.eventOf(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
