package import Primitives

/// This machine outside the agent, as far as somebody looks at it who searches for what is wrong. Nothing here changes it but ``run(_:)``.
package protocol Workstation {
    /// The content of a file of at most `limit` bytes.
    func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8]

    /// Names in a folder, sorted, at most 4096; none where there is no such folder, or it may not be read.
    func names(in folder: String) -> [String]

    /// What lies at a path, itself or behind a link.
    func place(_ path: String) throws(FileError) -> Place

    /// Where a symbolic link leads, as it is written; `nil` when there is none.
    func target(of link: String) -> String?

    /// Whether this user may connect to a Unix socket at this path, by its rights.
    func mayConnect(to socket: String) -> Bool

    /// Of the file system that holds this path; `nil` when it cannot be told.
    func space(at path: String) -> DiskSpace?

    /// Whether some program keeps the clock to the time of others (adjtimex(2)); `nil` when the kernel does not say.
    var isClockSynchronized: Bool? { get }

    /// Who looks.
    var user: String { get }
    var isRoot: Bool { get }

    /// Runs a program of this machine to its end, its path or its name in the system's folders and its arguments, without a shell. It may
    /// take 20 seconds and print 256 KiB.
    func run(_ command: [String]) -> CommandOutcome

    /// The same machine with its files in another folder; it runs nothing.
    func rooted(at folder: String) -> any Workstation
}

/// What lies at a path.
package struct Place: Hashable, Sendable {
    package let isFolder: Bool
    package let isSocket: Bool
    /// The lower twelve bits.
    package let permissions: UInt32
    /// Names where there are some, else numbers.
    package let owner: String
    package let group: String

    package init(isFolder: Bool = false, isSocket: Bool = false, permissions: UInt32, owner: String = "root", group: String = "root") {
        self.isFolder = isFolder
        self.isSocket = isSocket
        self.permissions = permissions
        self.owner = owner
        self.group = group
    }
}

/// Room of a file system, in bytes.
package struct DiskSpace: Hashable, Sendable {
    /// For who is not root.
    package let free: UInt64
    package let total: UInt64

    package init(free: UInt64, total: UInt64) {
        self.free = free
        self.total = total
    }
}

/// What became of a program.
package enum CommandOutcome: Hashable, Sendable {
    /// - Parameters:
    ///   - status: what it exited with, or 128 and the number of the signal that ended it.
    ///   - output: of its standard output.
    case ended(status: Int32, output: [UInt8])
    /// There is no such program, or it may not be run.
    case absent
    /// It took too long, or printed too much, and was ended.
    case endless
}
