package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events the log sources of the Sigma taxonomy stand for.
 *
 * <p>Windows: a service is a channel, a category is a channel with event ids, a rule with the
 * product alone looks at every Windows event. Everything else goes by the words that the event's
 * own {@link EventSource} carries; of Linux, {@code auth} and {@code syslog} stand for what such
 * files gather.
 */
public final class Taxonomy implements LogSourceResolver {

    private static final String SYSMON = "microsoft-windows-sysmon/operational";
    private static final String LINUX_SYSMON = "linux-sysmon/operational";

    /** Sysmon's event ids, by category. */
    private static final Map<String, Set<String>> SYSMON_IDS =
            Map.ofEntries(
                    Map.entry("process_creation", Set.of("1")),
                    Map.entry("file_change", Set.of("2")),
                    Map.entry("network_connection", Set.of("3")),
                    Map.entry("sysmon_status", Set.of("4", "16")),
                    Map.entry("process_termination", Set.of("5")),
                    Map.entry("driver_load", Set.of("6")),
                    Map.entry("image_load", Set.of("7")),
                    Map.entry("create_remote_thread", Set.of("8")),
                    Map.entry("raw_access_thread", Set.of("9")),
                    Map.entry("process_access", Set.of("10")),
                    Map.entry("file_event", Set.of("11")),
                    Map.entry("registry_event", Set.of("12", "13", "14")),
                    Map.entry("registry_add", Set.of("12")),
                    Map.entry("registry_delete", Set.of("12")),
                    Map.entry("registry_set", Set.of("13")),
                    Map.entry("registry_rename", Set.of("14")),
                    Map.entry("create_stream_hash", Set.of("15")),
                    Map.entry("pipe_created", Set.of("17", "18")),
                    Map.entry("wmi_event", Set.of("19", "20", "21")),
                    Map.entry("dns_query", Set.of("22")),
                    Map.entry("file_delete", Set.of("23", "26")),
                    Map.entry("clipboard_capture", Set.of("24")),
                    Map.entry("process_tampering", Set.of("25")),
                    Map.entry("file_delete_detected", Set.of("26")),
                    Map.entry("file_block_executable", Set.of("27")),
                    Map.entry("file_block_shredding", Set.of("28")),
                    Map.entry("file_executable_detected", Set.of("29")),
                    Map.entry("sysmon_error", Set.of("255")));

    private record ChannelIds(List<String> channels, Set<String> eventIds) {}

    private static final List<String> POWERSHELL =
            List.of("microsoft-windows-powershell/operational", "powershellcore/operational");
    private static final List<String> POWERSHELL_CLASSIC = List.of("windows powershell");
    private static final List<String> KERNEL_FILE =
            List.of("microsoft-windows-kernel-file/analytic");

    private static final Map<String, ChannelIds> CATEGORIES =
            Map.of(
                    "ps_module", new ChannelIds(POWERSHELL, Set.of("4103")),
                    "ps_script", new ChannelIds(POWERSHELL, Set.of("4104")),
                    "ps_classic_start", new ChannelIds(POWERSHELL_CLASSIC, Set.of("400")),
                    "ps_classic_provider_start", new ChannelIds(POWERSHELL_CLASSIC, Set.of("600")),
                    "ps_classic_script", new ChannelIds(POWERSHELL_CLASSIC, Set.of("800")),
                    "file_access", new ChannelIds(KERNEL_FILE, Set.of()),
                    "file_rename", new ChannelIds(KERNEL_FILE, Set.of()));

    private static final Map<String, List<String>> SERVICES =
            Map.ofEntries(
                    channel("application", "Application"),
                    channel(
                            "application-experience",
                            "Microsoft-Windows-Application-Experience/Program-Telemetry",
                            "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant"),
                    channel(
                            "applocker",
                            "Microsoft-Windows-AppLocker/MSI and Script",
                            "Microsoft-Windows-AppLocker/EXE and DLL",
                            "Microsoft-Windows-AppLocker/Packaged app-Deployment",
                            "Microsoft-Windows-AppLocker/Packaged app-Execution"),
                    channel("appmodel-runtime", "Microsoft-Windows-AppModel-Runtime/Admin"),
                    channel(
                            "appxdeployment-server",
                            "Microsoft-Windows-AppXDeploymentServer/Operational"),
                    channel("appxpackaging-om", "Microsoft-Windows-AppxPackaging/Operational"),
                    channel("bitlocker", "Microsoft-Windows-BitLocker/BitLocker Management"),
                    channel("bits-client", "Microsoft-Windows-Bits-Client/Operational"),
                    channel("capi2", "Microsoft-Windows-CAPI2/Operational"),
                    channel(
                            "certificateservicesclient-lifecycle-system",
                            "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational"),
                    channel(
                            "codeintegrity-operational",
                            "Microsoft-Windows-CodeIntegrity/Operational"),
                    channel("dhcp", "Microsoft-Windows-DHCP-Server/Operational"),
                    channel(
                            "diagnosis-scripted",
                            "Microsoft-Windows-Diagnosis-Scripted/Operational"),
                    channel("dns-client", "Microsoft-Windows-DNS Client Events/Operational"),
                    channel("dns-server", "DNS Server"),
                    channel("dns-server-analytic", "Microsoft-Windows-DNS-Server/Analytical"),
                    channel("dns-server-audit", "Microsoft-Windows-DNS-Server/Audit"),
                    channel(
                            "driver-framework",
                            "Microsoft-Windows-DriverFrameworks-UserMode/Operational"),
                    channel(
                            "firewall-as",
                            "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"),
                    channel("hyper-v-worker", "Microsoft-Windows-Hyper-V-Worker"),
                    channel("iis-configuration", "Microsoft-IIS-Configuration/Operational"),
                    channel("kernel-event-tracing", "Microsoft-Windows-Kernel-EventTracing"),
                    channel(
                            "kernel-shimengine",
                            "Microsoft-Windows-Kernel-ShimEngine/Operational",
                            "Microsoft-Windows-Kernel-ShimEngine/Diagnostic"),
                    channel("ldap", "Microsoft-Windows-LDAP-Client/Debug"),
                    channel("lsa-server", "Microsoft-Windows-LSA/Operational"),
                    channel("msexchange-management", "MSExchange Management"),
                    channel("ntfs", "Microsoft-Windows-Ntfs/Operational"),
                    channel("ntlm", "Microsoft-Windows-NTLM/Operational"),
                    channel("openssh", "OpenSSH/Operational"),
                    channel(
                            "powershell",
                            "Microsoft-Windows-PowerShell/Operational",
                            "PowerShellCore/Operational"),
                    channel("powershell-classic", "Windows PowerShell"),
                    channel("printservice-admin", "Microsoft-Windows-PrintService/Admin"),
                    channel(
                            "printservice-operational",
                            "Microsoft-Windows-PrintService/Operational"),
                    channel("security", "Security"),
                    channel(
                            "security-mitigations",
                            "Microsoft-Windows-Security-Mitigations/Kernel Mode",
                            "Microsoft-Windows-Security-Mitigations/User Mode"),
                    channel("sense", "Microsoft-Windows-SENSE/Operational"),
                    channel(
                            "servicebus-client",
                            "Microsoft-ServiceBus-Client/Operational",
                            "Microsoft-ServiceBus-Client/Admin"),
                    channel(
                            "microsoft-servicebus-client",
                            "Microsoft-ServiceBus-Client/Operational",
                            "Microsoft-ServiceBus-Client/Admin"),
                    channel("shell-core", "Microsoft-Windows-Shell-Core/Operational"),
                    channel("smbclient-connectivity", "Microsoft-Windows-SmbClient/Connectivity"),
                    channel("smbclient-security", "Microsoft-Windows-SmbClient/Security"),
                    channel("smbserver-connectivity", "Microsoft-Windows-SMBServer/Connectivity"),
                    channel("sysmon", "Microsoft-Windows-Sysmon/Operational"),
                    channel("system", "System"),
                    channel("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational"),
                    channel(
                            "terminalservices-localsessionmanager",
                            "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"),
                    channel("vhdmp", "Microsoft-Windows-VHDMP/Operational"),
                    channel("windefend", "Microsoft-Windows-Windows Defender/Operational"),
                    channel("wmi", "Microsoft-Windows-WMI-Activity/Operational"));

    /** Sysmon's names for what Security 4688 calls otherwise. */
    private static final Map<String, String> SECURITY_4688 =
            Map.of(
                    "Image", "NewProcessName",
                    "ParentImage", "ParentProcessName",
                    "ProcessId", "NewProcessId",
                    "ParentProcessId", "ProcessId",
                    "User", "SubjectUserName",
                    "LogonId", "SubjectLogonId",
                    "IntegrityLevel", "MandatoryLabel");

    /** What the files that Linux calls auth.log and syslog gather. */
    private static final Map<String, List<String>> LINUX_SERVICES =
            Map.of(
                    "auth",
                    List.of("auth", "sshd", "sudo", "su", "login", "pam", "systemd-logind"),
                    "syslog",
                    List.of("syslog", "auth", "sshd", "sudo", "su", "cron", "systemd", "kernel"));

    private final boolean security4688;

    private Taxonomy(boolean security4688) {
        this.security4688 = security4688;
    }

    /** Windows categories come from Sysmon only. */
    public static Taxonomy sysmon() {
        return new Taxonomy(false);
    }

    /** As {@link #sysmon()}, and {@code process_creation} also from Security 4688. */
    public static Taxonomy windows() {
        return new Taxonomy(true);
    }

    private static Map.Entry<String, List<String>> channel(String service, String... channels) {
        return Map.entry(
                service,
                List.of(channels).stream().map(name -> name.toLowerCase(Locale.ROOT)).toList());
    }

    @Override
    public List<Gate> gates(LogSource source) {
        var gates = new ArrayList<Gate>();
        String product = source.product();
        gates.addAll(byWords(source));
        if (product == null || product.equals("windows")) {
            gates.addAll(windows(source, product != null));
        }
        if ((product == null || product.equals("linux"))
                && source.service() == null
                && source.category() != null) {
            Set<String> ids = SYSMON_IDS.get(source.category());
            if (ids != null) {
                gates.add(new Gate("linux", null, null, LINUX_SYSMON, ids, Map.of()));
            }
        }
        return List.copyOf(gates);
    }

    /** By what the event says it is, in the taxonomy's own words. */
    private static List<Gate> byWords(LogSource source) {
        if ("linux".equals(source.product()) && source.service() != null) {
            return LINUX_SERVICES.getOrDefault(source.service(), List.of(source.service())).stream()
                    .map(service -> Gate.of("linux", source.category(), service))
                    .toList();
        }
        return List.of(Gate.of(source.product(), source.category(), source.service()));
    }

    private List<Gate> windows(LogSource source, boolean named) {
        String category = source.category();
        String service = source.service();
        if (category == null && service == null) {
            return List.of();
        }
        @Nullable List<String> serviceChannels = service == null ? null : SERVICES.get(service);
        if (service != null && (serviceChannels == null || !named)) {
            return List.of();
        }
        var gates = new ArrayList<Gate>();
        if (category == null) {
            for (String channel : channels(serviceChannels)) {
                gates.add(new Gate("windows", null, null, channel, Set.of(), Map.of()));
            }
            return gates;
        }
        Set<String> ids = SYSMON_IDS.get(category);
        if (ids != null) {
            add(gates, serviceChannels, SYSMON, ids, Map.of());
        }
        ChannelIds other = CATEGORIES.get(category);
        if (other != null) {
            for (String channel : other.channels()) {
                add(gates, serviceChannels, channel, other.eventIds(), Map.of());
            }
        }
        if (security4688 && category.equals("process_creation")) {
            add(gates, serviceChannels, "security", Set.of("4688"), SECURITY_4688);
        }
        return gates;
    }

    private static List<String> channels(@Nullable List<String> channels) {
        return channels == null ? List.of() : channels;
    }

    private static void add(
            List<Gate> gates,
            @Nullable List<String> serviceChannels,
            String channel,
            Set<String> ids,
            Map<String, String> renamed) {
        if (serviceChannels == null || serviceChannels.contains(channel)) {
            gates.add(new Gate("windows", null, null, channel, ids, renamed));
        }
    }
}
