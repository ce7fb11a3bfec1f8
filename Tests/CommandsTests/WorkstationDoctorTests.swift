import APIContract
import AgentClient
import Commands
import Primitives
import ScriptedAgent
import Testing

/// What `doctor` finds around the agent: each thing is put wrong on a machine that has nothing else wrong.
@Suite(.timeLimit(.minutes(5)))
struct WorkstationDoctorTests {
    private static let socket = Place(isSocket: true, permissions: 0o660, owner: "cps-agent", group: "cps")

    private func examine(
        _ machine: FakeWorkstation, _ arguments: String = "doctor --json", status changes: [String: JSON] = [:],
        card: JSON = Sample.card("ready")
    ) throws -> Run {
        try Run(arguments, time: FixedTime(), workstation: machine) { request in
            guard request.line == "GET /v1/status" else { return .json(card) }
            let sound: [String: JSON] = [
                "version": "1", "monitoring": "running", "readers": [Sample.reader("ready")], "environment": "production",
                "revocation": ["status": "good", "as_of": "2026-02-28T12:00:00.000Z"], "warnings": [],
            ]
            return .json(.object(sound.merging(changes) { _, new in new }))
        }
    }

    /// The one finding of this name that needs attention.
    private func finding(_ run: Run, _ check: String) throws -> JSON {
        let found = (run.console.document?["checks"]?.array ?? []).filter { $0["ok"] == false }
        #expect(found.compactMap { $0["check"]?.string } == [check])
        let finding = try #require(found.first)
        #expect(finding["why"]?.string?.isEmpty == false && finding["remedy"]?.string?.isEmpty == false)
        return finding
    }

    // The agent and its socket.

    @Test(arguments: [
        ("missing", "systemctl enable --now cps-agent.service"), ("hidden", nil), ("file", "rm"),
        ("rights", "usermod --append --groups cps alice"),
        ("silent", "systemctl restart cps-agent.service"),
    ])
    func whyTheAgentDoesNotAnswerIsToldApart(_ cause: String, _ fix: String?) throws {
        let path = "/nonexistent/s"
        let machine = FakeWorkstation(places: ["/run/pcscd/pcscd.comm": Place(isSocket: true, permissions: 0o666)])
        switch cause {
        case "hidden": machine.closed = [path]
        case "file": machine.places[path] = Place(permissions: 0o644)
        case "rights": (machine.places[path], machine.mayConnect) = (Self.socket, false)
        case "silent": machine.places[path] = Self.socket
        default: break
        }
        let run = try Run("--socket \(path) doctor --json", workstation: machine)
        #expect(run.exit == 3)
        let found = try finding(run, "agent")
        #expect(found["code"] == "agent_unreachable")
        #expect(found["fix"]?.string.map { $0.hasPrefix(fix ?? "none") } ?? (fix == nil))
    }

    @Test func strangerInTheAgentsPlaceIsNamed() throws {
        let agent = try ScriptedAgent { _ in .problem(.notFound) }
        let console = RecordingConsole()
        let machine = FakeWorkstation(places: ["/run/pcscd/pcscd.comm": Place(isSocket: true, permissions: 0o666)])
        let exit = CommandLineTool.run(
            ["--socket", agent.socket, "--json", "doctor"], environment: [:], console: console, check: ServerCheck { _ in false },
            workstation: machine)
        #expect(exit == 3)
        let why = console.document?["checks"]?.array?.first?["why"]?.string
        #expect(why?.contains("Another program") == true)
        #expect(agent.requests.isEmpty)
    }

    @Test func withoutAgentTheSmartCardServiceIsStillLookedAt() throws {
        let run = try Run("--socket /nonexistent/s doctor --json", workstation: FakeWorkstation())
        let checks = run.console.document?["checks"]?.array?.filter { $0["ok"] == false }.compactMap { $0["check"]?.string }
        #expect(checks == ["agent", "pcsc"])
    }

    @Test func socketForEverybodyAndFolderForEverybodyAreSpokenOf() throws {
        let machine = FakeWorkstation()
        machine.agentSocket = Place(isSocket: true, permissions: 0o666)
        machine.agentFolder = Place(isFolder: true, permissions: 0o755)
        #expect(try finding(try examine(machine), "socket")["text"]?.string?.contains("every program") == true)
        machine.agentSocket = Self.socket
        machine.agentFolder = Place(isFolder: true, permissions: 0o775)
        #expect(try finding(try examine(machine), "socket")["fix"]?.string?.hasPrefix("chmod go-w ") == true)
        machine.agentFolder = Place(isFolder: true, permissions: 0o1777)
        #expect(try examine(machine).console.document?["checks"]?.array?.contains { $0["check"] == "socket" } == false)
    }

    @Test(arguments: [
        (("not-found", "inactive", ""), ("loaded", "active", "enabled"), "apt-get install cps-agent"),
        (("loaded", "failed", "enabled"), ("loaded", "active", "enabled"), "systemctl restart cps-agent.service"),
        (("loaded", "active", "masked"), ("loaded", "active", "enabled"), "systemctl unmask cps-agent.service"),
        (("loaded", "active", "disabled"), ("loaded", "active", "enabled"), "systemctl enable --now cps-agent.service"),
        (("loaded", "active", "enabled"), ("not-found", "inactive", ""), "apt-get install pcscd libccid"),
        (("loaded", "active", "enabled"), ("loaded", "inactive", "disabled"), "systemctl enable --now pcscd.socket"),
    ])
    func unitThatIsNotAsItShouldBeIsFound(
        _ agent: (String, String, String), _ pcscd: (String, String, String), _ fix: String
    ) throws {
        let found = try finding(try examine(.systemd(agent: agent, pcscd: pcscd)), "units")
        #expect(found["fix"]?.string == fix)
    }

    @Test(arguments: [
        ("failed", 2, "cps-agentd --config /etc/cps-agent/agent.yaml --check-config"), ("failed", 8, "systemctl restart cps-agent.service"),
        ("failed", 243, "man cps-agent-seal"), ("activating", 243, "man cps-agent-seal"),
    ])
    func statusThatTheServiceEndedWithSaysWhatToDo(_ state: String, _ status: Int, _ fix: String) throws {
        let machine = FakeWorkstation.systemd(agent: ("loaded", state, "enabled"), status: status)
        #expect(try finding(try examine(machine), "units")["fix"]?.string == fix)
    }

    @Test func soundUnitsAndNoSystemdAreNoFinding() throws {
        let starting = FakeWorkstation.systemd(agent: ("loaded", "activating", "enabled"), status: 8)
        for machine in [FakeWorkstation.systemd(), starting, FakeWorkstation()] {
            let run = try examine(machine)
            #expect(run.console.document?["checks"]?.array?.allSatisfy { $0["ok"] == true } == true)
        }
    }

    // Readers.

    @Test func policyWithoutRuleIsFoundAndWithOneIsNot() throws {
        let policy = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
        let found = try finding(try examine(FakeWorkstation(files: [policy: ""])), "polkit")
        #expect(found["fix"]?.string == "apt-get install --reinstall cps-agent")
        let rule = "if (action.id == \"org.debian.pcsc-lite.access_pcsc\" && subject.user == \"cps-agent\") return polkit.Result.YES;"
        let ruled = FakeWorkstation(files: [policy: "", "/usr/share/polkit-1/rules.d/60-cps-agent.rules": rule])
        #expect(try examine(ruled).console.document?["checks"]?.array?.contains { $0["check"] == "polkit" && $0["ok"] == true } == true)
        let blind = FakeWorkstation(files: [policy: ""])
        blind.isRoot = false
        #expect(try examine(blind).console.document?["checks"]?.array?.contains { $0["check"] == "polkit" } == false)
    }

    @Test func refusalInSpiteOfARulePointsAtPolkitItself() throws {
        let rule = "org.debian.pcsc-lite cps-agent"
        let machine = FakeWorkstation(files: ["/etc/polkit-1/rules.d/1.rules": rule])
        let run = try examine(machine, status: ["monitoring": "not_authorised"])
        #expect(run.exit == 4)
        let found = run.console.document?["checks"]?.array?.first { $0["check"] == "polkit" }
        #expect(found?["fix"] == "systemctl restart polkit.service")
    }

    @Test(arguments: [
        ("hidepid=2", true), ("hidepid=invisible", true), ("hidepid=1,gid=4", true), ("hidepid=0", false), ("relatime", false),
    ])
    func hiddenProcessesAreSpokenOf(_ option: String, _ isFound: Bool) throws {
        let machine = FakeWorkstation(files: ["/proc/self/mounts": "sysfs /sys sysfs rw 0 0\nproc /proc proc rw,\(option) 0 0\n"])
        let run = try examine(machine)
        #expect(run.console.document?["checks"]?.array?.contains { $0["check"] == "hidepid" } == isFound)
        #expect(run.exit == 0)
    }

    @Test(arguments: [
        ("kernel", "modprobe --remove pn533_usb"), ("missing", "apt-get install libccid"),
        ("unknown", "apt-get install --only-upgrade libccid"), ("overlooked", "systemctl restart pcscd.service"),
    ])
    func readerThatIsPluggedInAndNotSeenIsExplained(_ cause: String, _ fix: String) throws {
        let (device, list) = ("/sys/bus/usb/devices/1-2", "/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist")
        let machine = FakeWorkstation(files: [
            "\(device)/idVendor": "08e6\n", "\(device)/idProduct": "3437\n", "\(device)/product": "GemPC Twin\n",
            "\(device):1.0/bInterfaceClass": "0b\n", "/sys/bus/usb/devices/1-1:1.0/bInterfaceClass": "03\n",
        ])
        if cause == "kernel" { machine.links["\(device):1.0/driver"] = "../../../bus/usb/drivers/pn533_usb" }
        if cause == "overlooked" {
            machine.links["\(device):1.0/driver"] = "../../../bus/usb/drivers/usbfs"
            machine.files[list] = "<string>0x08E6</string><string>0x3437</string>"
        }
        if cause == "unknown" { machine.files[list] = "<string>0x08E6</string><string>0x3438</string>" }
        let run = try examine(machine, status: ["readers": []])
        #expect(run.exit == 4)
        let found = run.console.document?["checks"]?.array?.first { $0["check"] == "driver" }
        #expect(found?["fix"]?.string == fix)
        #expect(found?["text"]?.string?.contains("GemPC Twin (08e6:3437)") == true)
        #expect(try examine(machine).console.document?["checks"]?.array?.contains { $0["check"] == "driver" } == false)
    }

    @Test func whoHoldsTheCardIsNamed() throws {
        let held: JSON = ["state": "reading", "code": "card_busy", "held_by": "firefox (pid 4711)"]
        let run = try examine(FakeWorkstation(), card: held)
        #expect(run.exit == 4)
        let found = try finding(run, "card")
        #expect(found["why"]?.string?.contains("firefox (pid 4711)") == true)
        #expect(found["fix"] == "kill 4711")
    }

    // The rest of the machine.

    @Test func clockThatFollowsNobodyIsSpokenOf() throws {
        let machine = FakeWorkstation()
        machine.isClockSynchronized = false
        #expect(try finding(try examine(machine), "clock")["fix"] == "timedatectl set-ntp true")
        machine.isClockSynchronized = nil
        #expect(try examine(machine).console.document?["checks"]?.array?.contains { $0["check"] == "clock" } == false)
    }

    @Test func clockThatIsBehindASignedTimeComesFirst() throws {
        let run = try examine(FakeWorkstation(), status: ["clock": ["seconds_behind": 7200]])
        #expect(try finding(run, "clock")["text"]?.string?.contains("7200 s") == true)
    }

    @Test func ageOfListsIsTold() throws {
        let old = try examine(FakeWorkstation(), status: ["revocation": ["status": "unchecked", "as_of": "2026-02-01T12:00:00.000Z"]])
        let found = try finding(old, "revocation")
        #expect(found["why"]?.string?.contains("28 days") == true && found["fix"] == "cpsctl trust update")
        let none = try examine(FakeWorkstation(), status: ["revocation": ["status": "unchecked", "as_of": .null]])
        #expect(try finding(none, "revocation")["why"]?.string?.contains("missing") == true)
    }

    private static let logs: [(anchors: JSON, since: JSON, words: String)] = [
        ([], .null, "nothing outside"), ([["name": "nas", "failure": .null]], "2026-02-27T12:00:00.000Z", "since 2026-02-27"),
        ([["name": "nas", "failure": "no route"]], .null, "nas takes nothing: no route"),
    ]

    @Test(arguments: logs) func logThatNobodyVouchesForIsSpokenOf(_ log: (anchors: JSON, since: JSON, words: String)) throws {
        let run = try examine(FakeWorkstation(), status: ["audit": ["anchors": log.anchors, "unanchored_since": log.since]])
        #expect(try finding(run, "anchors")["text"]?.string?.contains(log.words) == true)
    }

    @Test func tracesOfTheLastHoursMayWaitForTheirAnchor() throws {
        let audit: JSON = ["anchors": [["name": "nas", "failure": .null]], "unanchored_since": "2026-03-01T11:00:00.000Z"]
        let run = try examine(FakeWorkstation(), status: ["audit": audit])
        #expect(run.console.document?["checks"]?.array?.contains { $0["check"] == "anchors" && $0["ok"] == true } == true)
    }

    @Test func fullDiskIsSpokenOfBeforeItIsFull() throws {
        let machine = FakeWorkstation()
        machine.disk = DiskSpace(free: 100 << 20, total: 100 << 30)
        #expect(try finding(try examine(machine), "disk")["text"]?.string?.contains("100 MiB") == true)
    }

    @Test func spaceIsThatOfTheFolderOfTheConfiguration() throws {
        let machine = FakeWorkstation(files: ["/etc/cps-agent/agent.yaml": "agent:\n  state_dir: \"/srv/cps\" # elsewhere\n"])
        machine.disks["/srv/cps"] = DiskSpace(free: 90 << 20, total: 100 << 30)
        #expect(try finding(try examine(machine), "disk")["text"]?.string?.contains("90 MiB") == true)
    }

    @Test(arguments: [
        ("2026-02-28T00:00:00.000Z", JSON.null, "expired on"), ("2026-03-10T00:00:00.000Z", .null, "expires on"),
        ("2027-03-10T00:00:00.000Z", "not the key", "cannot be used: not the key"),
    ])
    func certificateOfTheListenerIsLookedAt(_ end: String, _ problem: JSON, _ words: String) throws {
        let certificate: JSON = ["not_after": .string(end), "problem": problem]
        let run = try examine(FakeWorkstation(), status: ["mobile": ["certificate": certificate]])
        #expect(run.exit == 0)
        #expect(try finding(run, "listener")["text"]?.string?.contains(words) == true)
    }
}
