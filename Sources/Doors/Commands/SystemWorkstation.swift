import Foundation
import Glibc
import Platform
package import Primitives

/// The machine that this runs on.
package struct SystemWorkstation: Workstation {
    /// Before every path; empty for the machine itself.
    private let root: String

    private static let mostNames = 4096
    private static let patience = Duration.seconds(20)
    private static let longestOutput = 262_144
    /// Programs of the system alone, in its own language: what they print is read. The bus is where the caller has it.
    private static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"].merging(
        ProcessInfo.processInfo.environment.filter { $0.key == "DBUS_SYSTEM_BUS_ADDRESS" }
    ) { own, _ in own }

    package init(root: String = "") { self.root = root }

    package func rooted(at folder: String) -> any Workstation { Self(root: folder) }

    package func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        try PlainFile.contents(root + path, limit: limit)
    }

    package func names(in folder: String) -> [String] {
        Array(((try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []).prefix(Self.mostNames)).sorted()
    }

    package func place(_ path: String) throws(FileError) -> Place {
        guard let found = FileIdentity(path: root + path) else { throw FileError(root + path) }
        return Place(
            isFolder: found.isFolder, isSocket: found.isSocket, permissions: found.permissions,
            owner: Self.userName(found.owner) ?? "\(found.owner)", group: Self.groupName(found.group) ?? "\(found.group)")
    }

    package func target(of link: String) -> String? { try? FileManager.default.destinationOfSymbolicLink(atPath: root + link) }

    package func mayConnect(to socket: String) -> Bool { access(root + socket, W_OK) == 0 }

    package func space(at path: String) -> DiskSpace? {
        var found = statvfs()
        guard statvfs(root + path, &found) == 0 else { return nil }
        let unit = UInt64(found.f_frsize)
        return DiskSpace(free: UInt64(found.f_bavail) * unit, total: UInt64(found.f_blocks) * unit)
    }

    package var isClockSynchronized: Bool? {
        switch platform_clock_is_synchronized() {
        case 0: false
        case 1: true
        default: nil
        }
    }

    package var user: String { Self.userName(geteuid()) ?? "\(geteuid())" }
    package var isRoot: Bool { geteuid() == 0 }

    package func run(_ command: [String]) -> CommandOutcome {
        guard root.isEmpty else { return .absent }
        do throws(ChildProcess.Failure) {
            var child = try ChildProcess(command, environment: Self.environment)
            let end = PatienceEnd(after: Self.patience)
            var output: [UInt8] = []
            var block = [UInt8](repeating: 0, count: 65_536)
            while true {
                var span = block.mutableSpan
                var bytes = span.mutableBytes
                let count = try bytes.withUnsafeMutableBytes { room throws(ChildProcess.Failure) in try child.read(into: room, by: end) }
                if count == 0 { return .ended(status: try child.ended(by: end), output: output) }
                output += block[..<count]
                guard output.count <= Self.longestOutput else { return .endless }
            }
        } catch {
            if case .notStarted = error { return .absent }
            return .endless
        }
    }

    private static func userName(_ id: UInt32) -> String? {
        var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        var room = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(id, &entry, &room, room.count, &found) == 0, found != nil else { return nil }
        return String(cString: entry.pw_name)
    }

    private static func groupName(_ id: UInt32) -> String? {
        var (entry, found) = (group(), UnsafeMutablePointer<group>?.none)
        var room = [CChar](repeating: 0, count: 65_536)
        guard getgrgid_r(id, &entry, &room, room.count, &found) == 0, found != nil else { return nil }
        return String(cString: entry.gr_name)
    }
}
