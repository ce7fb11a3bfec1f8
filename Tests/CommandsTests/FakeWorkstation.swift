import Commands
import Primitives

/// A machine that is what a test says, and by itself has nothing wrong.
final class FakeWorkstation: Workstation {
    var files: [String: String]
    var places: [String: Place]
    /// What the scripted agent's socket and its folder look like.
    var agentSocket: Place?
    var agentFolder: Place?
    var links: [String: String] = [:]
    /// Paths that this user may not look at.
    var closed: Set<String> = []
    var mayConnect = true
    var disk: DiskSpace? = DiskSpace(free: 50 << 30, total: 100 << 30)
    /// Folders that lie on disks of their own.
    var disks: [String: DiskSpace] = [:]
    var isClockSynchronized: Bool? = true
    var isRoot = true
    /// What programs answer, by their command line.
    var outcomes: [String: CommandOutcome] = [:]
    /// Command lines, in their order.
    private(set) var ran: [String] = []

    let user = "alice"

    init(files: [String: String] = [:], places: [String: Place] = [:]) {
        self.files = ["/proc/self/mounts": "proc /proc proc rw,nosuid,relatime 0 0\n"].merging(files) { _, new in new }
        self.places = places
    }

    /// One with systemd, on which the units are in these states.
    static func systemd(
        agent: (load: String, active: String, file: String) = ("loaded", "active", "enabled"),
        socket: (load: String, active: String, file: String) = ("loaded", "active", "disabled"),
        pcscd: (load: String, active: String, file: String) = ("loaded", "active", "enabled"), status: Int = 0
    ) -> FakeWorkstation {
        let machine = FakeWorkstation(places: ["/run/systemd/system": Place(isFolder: true, permissions: 0o755)])
        let units = [("cps-agent.service", agent), ("cps-agent.socket", socket), ("pcscd.socket", pcscd)]
        let text = units.map {
            "Id=\($0)\nLoadState=\($1.load)\nActiveState=\($1.active)\nUnitFileState=\($1.file)\nExecMainStatus=\(status)\n"
        }
        machine.outcomes[show(units.map(\.0))] = .ended(status: 0, output: Array(text.joined(separator: "\n").utf8))
        return machine
    }

    private static func show(_ names: [String]) -> String {
        "systemctl show --property=Id,LoadState,ActiveState,UnitFileState,ExecMainStatus " + names.joined(separator: " ")
    }

    func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        guard let text = files[path] else { throw FileError(path, FileError.absent) }
        guard text.utf8.count <= limit else { throw FileError(path, 27) }
        return Array(text.utf8)
    }

    func names(in folder: String) -> [String] {
        let all = Array(files.keys) + Array(places.keys) + Array(links.keys)
        let below = all.filter { $0.hasPrefix("\(folder)/") }.map { $0.dropFirst(folder.count + 1) }
        return Set(below.compactMap { $0.split(separator: "/").first.map(String.init) }).sorted()
    }

    func place(_ path: String) throws(FileError) -> Place {
        guard !closed.contains(path) else { throw FileError(path, 13) }
        if let place = places[path] { return place }
        if path.contains("/agent-"), let place = path.hasSuffix("/s") ? agentSocket : agentFolder { return place }
        guard files[path] != nil else { throw FileError(path, FileError.absent) }
        return Place(permissions: 0o644)
    }

    func target(of link: String) -> String? { links[link] }
    func mayConnect(to socket: String) -> Bool { mayConnect }
    func space(at path: String) -> DiskSpace? { disks[path] ?? disk }

    func run(_ command: [String]) -> CommandOutcome {
        ran.append(command.joined(separator: " "))
        return outcomes[command.joined(separator: " ")] ?? .absent
    }

    func rooted(at folder: String) -> any Workstation { FakeWorkstation() }
}
