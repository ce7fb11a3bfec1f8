internal import Glibc
internal import Sessions

/// Reads facts about a process from `/proc`. They count only if the process was the same, and ran the same program, before and after.
struct ProcessInspector: PeerInspecting {
    let digests: ExecutableDigests
    /// Where processes are described.
    var root = "/proc"
    /// Called between the first look and the last; for tests of races.
    var pause: @Sendable () -> Void = {}

    func facts(of process: PeerProcess, uid: UInt32, gid: UInt32, needsDigest: (ClientFacts) -> Bool) -> ClientFacts {
        let credentials = ClientFacts(uid: uid, groups: [gid])
        let pid: Int32
        switch process {
        case .gone, .remembered: return credentials
        case .unpinned(let number): pid = number
        case .pinned(let descriptor):
            guard let number = Self.pid(of: descriptor) else {
                close(descriptor)
                return credentials
            }
            pid = number
        }
        defer { if case .pinned(let descriptor) = process { close(descriptor) } }
        let folder = "\(root)/\(pid)"
        guard let before = ProcessStatus(folder), before.uid == uid else { return credentials }
        let executable = Executable(folder)
        defer { executable?.close() }
        var facts = credentials
        facts.groups.formUnion(before.groups)
        facts.units = SystemdUnit.names(inCgroups: BoundedFile.text("\(folder)/cgroup") ?? "")
        facts.executable = executable?.path
        if let executable, needsDigest(facts) { facts.sha256 = digests.digest(of: executable) }
        pause()
        // The same process still, by its start and its user, running the same file; and not over, so that its number was not given away.
        guard ProcessStatus(folder) == before, Executable.identity(folder) == executable?.identity else { return credentials }
        if case .pinned(let descriptor) = process, Self.isOver(descriptor) { return credentials }
        return facts
    }

    /// The number of the process that a descriptor stands for (`Pid` in fdinfo; -1 once it is gone).
    private static func pid(of descriptor: Int32) -> Int32? {
        let lines = BoundedFile.text("/proc/self/fdinfo/\(descriptor)")?.split(separator: "\n") ?? []
        let value = lines.first { $0.hasPrefix("Pid:") }?.dropFirst(4).drop { $0 == " " || $0 == "\t" }
        return value.flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func isOver(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }
}

/// Start, user and groups of a process: the same twice means the same process, with the same rights.
struct ProcessStatus: Hashable {
    let uid: UInt32
    let groups: Set<UInt32>
    /// In ticks since boot.
    private let start: UInt64

    /// - Parameter folder: the process under `/proc`.
    init?(_ folder: String) {
        guard let status = BoundedFile.text("\(folder)/status"), let stat = BoundedFile.text("\(folder)/stat") else { return nil }
        self.init(status: status, stat: stat)
    }

    /// The texts of proc(5). The name in `stat` is chosen by the program: fields count from the last parenthesis.
    init?(status: String, stat: String) {
        let lines = status.split(separator: "\n")
        func numbers(_ name: String) -> [UInt32]? {
            lines.first { $0.hasPrefix(name) }?.dropFirst(name.count).split { $0 == " " || $0 == "\t" }.compactMap { UInt32($0) }
        }
        // Real, effective, saved, file system: a connection carries the effective one.
        guard let uids = numbers("Uid:"), uids.count == 4, let gids = numbers("Gid:"), gids.count == 4, let groups = numbers("Groups:"),
            let end = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[end...].dropFirst().split(separator: " ")
        // The 22nd field; the third is the first after the name.
        guard fields.count > 19, let start = UInt64(fields[19]) else { return nil }
        uid = uids[1]
        self.groups = Set(groups).union([gids[1]])
        self.start = start
    }
}
