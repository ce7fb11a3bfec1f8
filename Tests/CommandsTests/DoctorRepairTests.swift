import Commands
import Foundation
import Primitives
import ScriptedAgent
import Testing

/// `doctor --fix` and `doctor --bundle`.
@Suite(.timeLimit(.minutes(5)))
struct DoctorRepairTests {
    private static let start = "systemctl enable --now cps-agent.service"
    private static let pcsc = "systemctl enable --now pcscd.socket"

    @Test func safeCommandsAreRunOnceEachAndNamed() throws {
        let machine = FakeWorkstation()
        machine.outcomes[Self.start] = .ended(status: 0, output: [])
        machine.outcomes[Self.pcsc] = .ended(status: 5, output: [])
        let run = try Run("--socket /nonexistent/s doctor --fix --json", workstation: machine)
        #expect(run.exit == 3)
        #expect(machine.ran == [Self.start, Self.pcsc])
        let repairs: JSON = [["fix": .string(Self.start), "done": true], ["fix": .string(Self.pcsc), "done": false]]
        #expect(run.console.document?["repairs"] == repairs)
        let spoken = try Run("--socket /nonexistent/s doctor --fix --lang en", workstation: machine)
        #expect(spoken.console.errors.contains("Running: \(Self.start)\n"))
        #expect(spoken.console.output.contains("FAILED  \(Self.pcsc)\n"))
    }

    @Test func dangerousCommandsAreNeverRun() throws {
        let machine = FakeWorkstation(files: ["/proc/self/mounts": "proc /proc proc rw,hidepid=2 0 0\n"])
        machine.places["/run/pcscd/pcscd.comm"] = Place(isSocket: true, permissions: 0o666)
        machine.places["/nonexistent/s"] = Place(permissions: 0o644)
        let run = try Run("--socket /nonexistent/s doctor --fix --json", workstation: machine)
        #expect(machine.ran.isEmpty)
        #expect(run.console.document?["repairs"] == [])
    }

    @Test func listsAreTakenInByTheAgent() throws {
        let machine = FakeWorkstation()
        let run = try Run("doctor --fix --json", workstation: machine) { request in
            switch request.line {
            case "GET /v1/status":
                .json(["monitoring": "running", "readers": [], "environment": "production", "revocation": ["status": "unchecked"]])
            case "POST /v1/trust/updates": .json(["lists": []])
            default: .problem(.notFound)
            }
        }
        #expect(run.agent.lines == ["GET /v1/status", "POST /v1/trust/updates", "GET /v1/status"])
        #expect(machine.ran.isEmpty)
    }

    @Test func whoIsNotRootRepairsNothing() throws {
        let machine = FakeWorkstation()
        machine.isRoot = false
        let run = try Run("--socket /nonexistent/s doctor --fix --json", workstation: machine)
        #expect(run.exit == 1)
        #expect(run.console.document?["code"] == "forbidden")
        #expect(machine.ran.isEmpty)
    }

    @Test(arguments: ["--fix", "--bundle /tmp/x"]) func anotherSystemIsOnlyLookedAt(_ option: String) throws {
        #expect(try Run("doctor --json --root /mnt \(option)").exit == 2)
    }

    @Test func archiveHoldsStatesAndNobodysName() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Run("doctor --json --bundle \(folder)/b.tar.gz", workstation: SystemWorkstation()) { request in
            guard request.line == "GET /v1/status" else { return .json(Sample.card("ready")) }
            return .json([
                "version": "1.2.3", "workstation": "ws-042", "issuer": "https://ws-042.example", "monitoring": "running",
                "readers": [Sample.reader("ready")], "environment": "production", "revocation": ["status": "good"],
                "warnings": ["tokens.issuer https://ws-042.example"], "audit": ["size": 7, "root": "abcd", "anchors": [["name": "nas"]]],
                "secret": "not foreseen",
            ])
        }
        #expect(run.console.document?["bundle"]?.string == "\(folder)/b.tar.gz")
        guard case .ended(0, let bytes) = SystemWorkstation().run(["tar", "-xzOf", "\(folder)/b.tar.gz"]) else {
            Issue.record("the archive cannot be read")
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        for name in ["LIBRE", "MAX", "899900063480", "ws-042", "Reader r1", "nas", "abcd", "not foreseen"] { #expect(!text.contains(name)) }
        for state in ["\"version\":\"1.2.3\"", "\"audit.size\":7", "\"kind\":\"usb\"", "\"kernel\""] { #expect(text.contains(state)) }
        let permissions = try FileManager.default.attributesOfItem(atPath: "\(folder)/b.tar.gz")[.posixPermissions] as? Int
        #expect(permissions == 0o600)
        #expect(try Run("doctor --json --bundle \(folder)/b.tar.gz", workstation: SystemWorkstation()).exit == 2)
    }

    @Test func onlySettingsThatAreAllowedAreKept() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let etc = "\(folder)/etc/cps-agent"
        try FileManager.default.createDirectory(atPath: etc, withIntermediateDirectories: true)
        let settings = """
            pam:
              grace: 3s  # soon
              accounts:
                people: {"899900063480": alice}
            audit:
              anchors: [{url: "https://secret.example"}]
            """
        try Data(settings.utf8).write(to: URL(filePath: "\(etc)/agent.yaml"))
        let machine = RootedWithCommands(SystemWorkstation(root: folder))
        _ = try Run("--socket /nonexistent/s doctor --json --bundle \(folder)/b.tar.gz", workstation: machine)
        guard case .ended(0, let bytes) = SystemWorkstation().run(["tar", "-xzOf", "\(folder)/b.tar.gz"]) else {
            Issue.record("the archive cannot be read")
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"configuration\":{\"pam.grace\":\"3s\"}"))
    }
}

/// Files of a folder, programs of the machine.
private struct RootedWithCommands: Workstation {
    private let files: SystemWorkstation

    init(_ files: SystemWorkstation) { self.files = files }

    func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8] { try files.contents(path, limit: limit) }
    func names(in folder: String) -> [String] { files.names(in: folder) }
    func place(_ path: String) throws(FileError) -> Place { try files.place(path) }
    func target(of link: String) -> String? { files.target(of: link) }
    func mayConnect(to socket: String) -> Bool { files.mayConnect(to: socket) }
    func space(at path: String) -> DiskSpace? { files.space(at: path) }
    var isClockSynchronized: Bool? { nil }
    var user: String { files.user }
    var isRoot: Bool { files.isRoot }
    func run(_ command: [String]) -> CommandOutcome { SystemWorkstation().run(command) }
    func rooted(at folder: String) -> any Workstation { self }
}
